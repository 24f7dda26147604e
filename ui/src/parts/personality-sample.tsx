import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Skeleton from "@mui/material/Skeleton";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { sampleQuery } from "@/api/queries";
import type { PersonalityView } from "@/api/schema";

import { Swatches } from "./personality-look";
import { ProblemView } from "./problem-view";

/** What a channel of this personality looks and sounds like, by the tools that make its videos. */
export function PersonalitySample({ one }: { one: PersonalityView }) {
  return (
    <Box sx={{ display: "grid", gap: 2 }}>
      <Still key={`still-${one.id}`} one={one} />
      <Box sx={{ display: "flex", gap: 2, alignItems: "center", flexWrap: "wrap", fontSize: 12, color: "text.secondary" }}>
        <Swatches one={one} /> <span>{one.font.head}{one.font.body === one.font.head ? "" : `, ${one.font.body}`}</span>
      </Box>
      <Voice key={`voice-${one.id}`} one={one} />
    </Box>
  );
}

function Still({ one }: { one: PersonalityView }) {
  const still = useQuery(sampleQuery(one.id, "still"));
  const address = still.data;
  if (still.isError) return <ProblemView error={still.error} onRetry={() => void still.refetch()} />;
  return (
    <Box sx={{ aspectRatio: "16 / 9", borderRadius: 1, overflow: "hidden", position: "relative" }}>
      {address === undefined ? <Skeleton sx={{ height: "100%" }} /> : <img src={address} alt={`A thumbnail in the look of ${one.name}`} style={{ width: "100%", height: "100%", objectFit: "cover", display: "block" }} />}
      {address === undefined ? <Typography role="status" variant="caption" sx={{ position: "absolute", inset: 0, display: "grid", placeItems: "center" }}>It is being drawn…</Typography> : null}
    </Box>
  );
}

function Voice({ one }: { one: PersonalityView }) {
  const [wanted, setWanted] = useState(false);
  const [playing, setPlaying] = useState(false);
  const sound = useRef<HTMLAudioElement | null>(null);
  const voice = useQuery({ ...sampleQuery(one.id, "voice"), enabled: wanted });
  const address = voice.data;
  useEffect(() => {
    // One that was read before is heard when it is asked for again, not by itself.
    if (address === undefined || !wanted) return undefined;
    const made = new Audio(address);
    sound.current = made;
    made.onplay = () => { setPlaying(true); };
    made.onpause = made.onended = () => { setPlaying(false); };
    void made.play().catch(() => { setPlaying(false); });
    return () => { made.pause(); };
  }, [address, wanted]);
  const press = () => {
    if (!wanted) setWanted(true);
    else if (playing) sound.current?.pause();
    else void sound.current?.play().catch(() => { setPlaying(false); });
  };
  return (
    <Box sx={{ display: "grid", gap: 2 }}>
      <Box sx={{ display: "flex", gap: 3, alignItems: "center" }}>
        <Button variant="outlined" color="inherit" disabled={voice.isFetching} onClick={press} sx={{ minWidth: 104 }}>{voice.isFetching ? "Speaking…" : playing ? "Stop" : "Hear it"}</Button>
        <Typography variant="caption" color="textSecondary">{one.voice.name}, a voice of this machine, at {one.voice.words_per_minute} words a minute</Typography>
      </Box>
      {voice.isError ? <ProblemView error={voice.error} onRetry={() => void voice.refetch()} /> : null}
    </Box>
  );
}
