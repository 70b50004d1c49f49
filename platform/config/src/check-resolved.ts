// What must hold between keys once all layers are merged. The first two keep a node from being open by accident [R2].

import type { KosConfig } from "./config-schema.ts";

/** A rule between keys that does not hold: the key to blame and what to do. */
export interface ConfigConflict {
  readonly path: readonly string[];
  readonly message: string;
}

export function checkResolved(config: KosConfig): readonly ConfigConflict[] {
  const conflicts: ConfigConflict[] = [];
  const { listen, content_origin: content } = config;
  const isRemote = !isLoopbackHost(listen.host) || !isLoopbackHost(content.host);
  if (isRemote && !listen.allow_remote) {
    const path = isLoopbackHost(listen.host) ? ["content_origin", "host"] : ["listen", "host"];
    conflicts.push({ path, message: "other machines could reach this host; set listen.allow_remote to true if they should" });
  }
  if (listen.allow_remote && listen.tls === undefined && !listen.behind_proxy) {
    conflicts.push({
      path: ["listen", "allow_remote"],
      message: "needs TLS: set listen.tls, or listen.behind_proxy when a reverse proxy ends TLS",
    });
  }
  if (content.port !== 0 && content.port === listen.port) {
    conflicts.push({
      path: ["content_origin", "port"],
      message: "must differ from listen.port: untrusted content needs an origin of its own",
    });
  }
  if (content.host === listen.host) {
    conflicts.push({
      path: ["content_origin", "host"],
      message: "must be another name than listen.host (127.0.0.1 beside localhost): cookies ignore ports",
    });
  }
  for (const agentClass of ["kCore", "kPlanner"] as const) {
    if (config.agents[agentClass]?.["main"]?.enabled === false)
      conflicts.push({ path: ["agents", agentClass, "main", "enabled"], message: "must not be false: no node runs without this agent" });
  }
  if (!isTimeZone(config.profile.time_zone)) {
    conflicts.push({
      path: ["profile", "time_zone"],
      message: `there is no time zone ${config.profile.time_zone}; write it like Europe/Berlin`,
    });
  }
  return conflicts;
}

function isTimeZone(name: string): boolean {
  // The default, without loading the runtime's tables of languages and zones at every start.
  if (name === "UTC") return true;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** `localhost`, 127.0.0.0/8 and ::1, with or without brackets. */
function isLoopbackHost(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "").toLowerCase();
  return bare === "localhost" || bare === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(bare);
}
