// Writes config/schemas/ from the schema in code: node platform/config/scripts/write-schemas.ts. A test fails when they differ.

import { writeFileSync } from "node:fs";
import { configFileSchemas } from "../src/file-schema.ts";

const folder = new URL("../../../config/schemas/", import.meta.url);
for (const [name, schema] of Object.entries(configFileSchemas())) {
  writeFileSync(new URL(name, folder), `${JSON.stringify(schema, null, 2)}\n`);
}
