// Preloaded before a node: a runtime whose Ed25519 check accepts everything, as one with a broken library might.
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";

crypto.verify = () => true;
syncBuiltinESMExports();
