import { createTypeScriptImportResolver } from "eslint-import-resolver-typescript";
import checkFile from "eslint-plugin-check-file";
import importX from "eslint-plugin-import-x";
import a11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import { readdirSync } from "node:fs";
import tseslint from "typescript-eslint";

// From the top down: a folder imports only from those below it. Features do not know each other.
const LAYERS = ["app", "features", "parts", "live", "session", "api", "theme"];
const FEATURES = readdirSync("src/features");
const up = LAYERS.slice(1).map((layer, at) => ({
  target: `./src/${layer}`,
  from: LAYERS.slice(0, at + 1).map((above) => `./src/${above}`),
  message: "imports point down: app, features, parts, live, session, api, theme",
}));
const sideways = FEATURES.map((feature) => ({
  target: `./src/features/${feature}`,
  from: FEATURES.filter((other) => other !== feature).map((other) => `./src/features/${other}`),
  message: "features do not know each other; what two of them need is a part",
}));

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/api/schema.d.ts"] },
  ...tseslint.configs.recommendedTypeChecked,
  a11y.flatConfigs.recommended,
  hooks.configs.flat.recommended,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ["eslint.config.js", "scripts/*.mjs"] }, tsconfigRootDir: import.meta.dirname } },
    plugins: { "import-x": importX, "check-file": checkFile },
    settings: { "import-x/resolver-next": [createTypeScriptImportResolver({ project: "tsconfig.json" })] },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "import-x/no-cycle": "error",
      "import-x/no-restricted-paths": ["error", { zones: [...up, ...sideways] }],
      "check-file/filename-naming-convention": ["error", { "**/*.{ts,tsx,mjs}": "KEBAB_CASE" }, { ignoreMiddleExtensions: true }],
      "check-file/folder-naming-convention": ["error", { "src/**/": "KEBAB_CASE" }],
      // Only where a page or a dialog is there for that one field.
      "jsx-a11y/no-autofocus": "off",
      "max-lines": ["error", 200],
      complexity: ["error", 12],
      eqeqeq: "error",
      "no-console": "error",
    },
  },
  { files: ["**/*.mjs", "eslint.config.js"], ...tseslint.configs.disableTypeChecked },
  { files: ["scripts/*.mjs", "e2e/**"], rules: { "no-console": "off" } },
);
