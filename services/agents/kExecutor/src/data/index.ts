export { carryOut, type DataWorkHost } from "./process/data-work.ts";
export { missingTokens } from "./profile/missing-tokens.ts";
export { openTable } from "./read/open-table.ts";
export { openDatabase } from "./sql/guarded-database.ts";
export { loadTable } from "./sql/table-loader.ts";
