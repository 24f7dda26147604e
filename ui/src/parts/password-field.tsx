import IconButton from "@mui/material/IconButton";
import InputAdornment from "@mui/material/InputAdornment";
import TextField, { type TextFieldProps } from "@mui/material/TextField";
import { useState } from "react";

import { Icon } from "./icon";

/** A password that can be looked at while it is typed. */
export function PasswordField({ fresh, ...rest }: TextFieldProps & { fresh?: boolean }) {
  const [shown, setShown] = useState(false);
  return (
    <TextField
      {...rest}
      type={shown ? "text" : "password"}
      autoComplete={fresh ? "new-password" : "current-password"}
      slotProps={{
        htmlInput: { maxLength: 128 },
        input: {
          endAdornment: (
            <InputAdornment position="end">
              <IconButton size="small" edge="end" aria-label={shown ? "Hide the password" : "Show the password"} aria-pressed={shown} onClick={() => { setShown(!shown); }}>
                <Icon name={shown ? "eyeShut" : "eye"} />
              </IconButton>
            </InputAdornment>
          ),
        },
      }}
    />
  );
}
