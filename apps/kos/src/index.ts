// What tests and embedders start a node with; the process roles are in roles/.

export { type NodeOptions, startNode } from "./node.ts";
