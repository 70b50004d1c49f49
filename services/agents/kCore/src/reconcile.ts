// How an agent is asked what became of an interrupted call: the capability's name with this suffix. An agent that does not know it answers
// UNKNOWN_CAPABILITY and the call stays in doubt; it can never be run again by mistake.

export const RECONCILE_SUFFIX = "#reconcile";
