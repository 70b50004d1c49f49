// Topics and patterns: their one spelling and which fits which.

import { KosError } from "@kos/klp";

const TOPIC = /^[A-Za-z0-9_:-]{1,64}(\.[A-Za-z0-9_:-]{1,64}){0,15}$/;
const SUFFIX = ".*";

/** @throws KosError BAD_REQUEST when it is not a topic. */
export function checkTopic(topic: string): void {
  if (!TOPIC.test(topic))
    throw new KosError("BAD_REQUEST", `"${topic.slice(0, 80)}" is not a topic. Write dotted names such as plan.changed.`);
}

/** Whether topics fit the pattern. @throws KosError BAD_REQUEST when it is neither a topic, `<topic>.*` nor `*`. */
export function topicMatcher(pattern: string): (topic: string) => boolean {
  if (pattern === "*") return () => true;
  if (!pattern.endsWith(SUFFIX)) {
    checkTopic(pattern);
    return (topic) => topic === pattern;
  }
  checkTopic(pattern.slice(0, -SUFFIX.length));
  const prefix = pattern.slice(0, -1);
  return (topic) => topic.startsWith(prefix);
}
