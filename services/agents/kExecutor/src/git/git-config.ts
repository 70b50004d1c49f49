// The few settings of a repository's own config file that change which files git lists. It follows no include and runs nothing.

export interface GitConfig {
  /** core.ignoreCase: names that differ only in ASCII case are the same. */
  readonly ignoreCase: boolean;
  /** extensions.objectFormat: how long an object id is, in bytes. */
  readonly hashBytes: 20 | 32;
}

export const DEFAULT_GIT_CONFIG: GitConfig = { ignoreCase: false, hashBytes: 20 };

const SECTION = /^\s*\[\s*([A-Za-z0-9.-]+)\s*\]\s*(.*)$/;
const SETTING = /^\s*([A-Za-z][A-Za-z0-9-]*)\s*(?:=\s*"?([^"#;]*?)"?\s*)?(?:[#;].*)?$/;
const TRUE = new Set(["true", "yes", "on", "1"]);

export function parseGitConfig(text: string): GitConfig {
  let section = "";
  let config = DEFAULT_GIT_CONFIG;
  for (const line of text.split("\n")) {
    const header = SECTION.exec(line);
    if (header !== null) section = (header[1] ?? "").toLowerCase();
    else if (line.trimStart().startsWith("[")) section = "";
    const setting = SETTING.exec(header?.[2] ?? line);
    if (setting === null) continue;
    const key = `${section}.${(setting[1] ?? "").toLowerCase()}`;
    const value = (setting[2] ?? "true").trim().toLowerCase();
    if (key === "core.ignorecase") config = { ...config, ignoreCase: TRUE.has(value) };
    if (key === "extensions.objectformat") config = { ...config, hashBytes: value === "sha256" ? 32 : 20 };
  }
  return config;
}
