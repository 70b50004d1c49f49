// A PostgreSQL of the bench's own: a fresh cluster in a folder, on a free port. It refuses to run as root, so as root it is `postgres`.

import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { MissingService } from "./missing-service.ts";
import { findProgram, freePort, type ServiceProcess, startService } from "./service-process.ts";

export interface Postgres {
  readonly url: string;
  readonly process: ServiceProcess;
}

const FOLDERS = [18, 17, 16, 15].map((version) => `/usr/lib/postgresql/${version}/bin`);

export async function startPostgres(folder: string): Promise<Postgres> {
  const command = findProgram("postgres", FOLDERS);
  const initdb = findProgram("initdb", FOLDERS);
  const isReady = findProgram("pg_isready", FOLDERS);
  if (command === undefined || initdb === undefined || isReady === undefined) {
    throw new MissingService("PostgreSQL is not installed: apt-get install --no-install-recommends postgresql-15");
  }
  const data = join(folder, "postgres");
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const user = process.getuid?.() === 0 ? postgresUser() : undefined;
  if (user !== undefined) {
    chownSync(data, user.uid, user.gid);
    // The folders above are the bench's own, made for its user alone.
    for (const above of [folder, dirname(folder)]) chmodSync(above, 0o711);
  }
  execFileSync(initdb, ["-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--no-instructions"], { stdio: "ignore", ...user });
  const port = await freePort();
  const service = await startService({
    command,
    args: ["-D", data, "-p", `${port}`, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=100"],
    ...user,
    isReady: async () => {
      execFileSync(isReady, ["-h", "127.0.0.1", "-p", `${port}`], { stdio: "ignore" });
      return true;
    },
  });
  return { url: `postgresql://bench@127.0.0.1:${port}/postgres`, process: service };
}

function postgresUser(): { readonly uid: number; readonly gid: number } {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((entry) => entry.startsWith("postgres:"));
  const [, , uid, gid] = line?.split(":") ?? [];
  if (uid === undefined || gid === undefined) throw new MissingService("PostgreSQL does not run as root, and there is no user `postgres`");
  return { uid: Number(uid), gid: Number(gid) };
}
