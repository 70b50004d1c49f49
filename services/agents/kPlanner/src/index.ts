export { folderPlaybooks } from "./folder-playbooks.ts";
export { createPlannerAgent } from "./planner-agent.ts";
export type { PlaybookLibrary } from "./playbook-library.ts";
export { createPlaybookLibrary } from "./playbook-library.ts";
