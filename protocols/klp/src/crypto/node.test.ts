import * as node from "./node.ts";
import { testPrimitivesContract } from "./primitives.contract.ts";

testPrimitivesContract("node:crypto", node);
