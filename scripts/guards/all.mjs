// The guards of `npm run check`, those that tell most about a fault first.
import { browser } from "./browser.mjs";
import { deadCode } from "./dead-code.mjs";
import { format } from "./format.mjs";
import { layers } from "./layers.mjs";
import { lint } from "./lint.mjs";
import { lockfile } from "./lockfile.mjs";
import { repository } from "./repository.mjs";
import { types } from "./types.mjs";

/** @type {readonly import("./guard.mjs").Guard[]} */
export const guards = [types, browser, lint, layers, deadCode, lockfile, repository, format];
