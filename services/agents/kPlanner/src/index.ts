export { folderPlaybooks } from "./folder-playbooks.ts";
export type { OwnPlaybooks } from "./own-playbooks.ts";
export { createOwnPlaybooks } from "./own-playbooks.ts";
export { playbookOfPlan } from "./plan-to-playbook.ts";
export { createPlannerAgent } from "./planner-agent.ts";
export type { PlaybookLibrary } from "./playbook-library.ts";
export { createPlaybookLibrary } from "./playbook-library.ts";
export { starterPlaybook } from "./starter-playbook.ts";
