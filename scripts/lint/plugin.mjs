// The rules of this house that oxlint does not have, as a plugin for it (.oxlintrc.json: jsPlugins). The linter asks for a default export.
import { noAmbient } from "./no-ambient.mjs";
import { noExportAll } from "./no-export-all.mjs";
import { noShell } from "./no-shell.mjs";
import { noSqlText } from "./no-sql-text.mjs";

export default {
  meta: { name: "kos" },
  rules: { "no-ambient": noAmbient, "no-export-all": noExportAll, "no-shell": noShell, "no-sql-text": noSqlText },
};
