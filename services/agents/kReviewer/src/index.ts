export { createReviewerAgent } from "./reviewer-agent.ts";
