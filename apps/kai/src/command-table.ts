// Every command of kai, in the order of the help. A new one is a line here.

import type { Command } from "./command.ts";
import { agentsList, agentsPause, agentsRestart, agentsResume, agentsShow, agentsTerminate } from "./commands/agents.ts";
import { answer } from "./commands/answer.ts";
import { approve } from "./commands/approve.ts";
import { artifactGet, artifactList, artifactPut } from "./commands/artifact.ts";
import { artifactShare, artifactShares, artifactUnshare } from "./commands/artifact-share.ts";
import { capabilities, playbooks } from "./commands/catalogue.ts";
import { completion } from "./commands/completion.ts";
import { doctor } from "./commands/doctor.ts";
import { events } from "./commands/events.ts";
import { agentLogs, logs } from "./commands/logs.ts";
import { auditVerify, configExplain, loginLink, stop } from "./commands/node-commands.ts";
import { playbooksCheck, playbooksNew, playbooksRemove, playbooksRun, playbooksShow } from "./commands/own-playbooks.ts";
import { planDiff } from "./commands/plan-diff.ts";
import { planEdit } from "./commands/plan-edit.ts";
import { planMake } from "./commands/plan-make.ts";
import { planShow } from "./commands/plan-show.ts";
import { planStart } from "./commands/plan-start.ts";
import { cancel, fork, pause, resolve, resume, retry } from "./commands/plan-steering.ts";
import { ps } from "./commands/ps.ts";
import { retentionRun, retentionShow } from "./commands/retention.ts";
import { run } from "./commands/run.ts";
import {
  schedulesChange,
  schedulesList,
  schedulesPause,
  schedulesRemove,
  schedulesResume,
  schedulesRunNow,
  schedulesShow,
} from "./commands/schedules.ts";
import { show } from "./commands/show.ts";
import { trace } from "./commands/trace.ts";
import { up } from "./commands/up.ts";
import { verify } from "./commands/verify.ts";
import { demo } from "./demo/demo.ts";
import { proveCrash } from "./prove/prove-crash.ts";

const WITHOUT_COMPLETION: readonly Command[] = [
  run,
  demo,
  ps,
  show,
  schedulesList,
  schedulesShow,
  schedulesChange,
  schedulesPause,
  schedulesResume,
  schedulesRemove,
  schedulesRunNow,
  planShow,
  planMake,
  planStart,
  planEdit,
  planDiff,
  cancel,
  pause,
  resume,
  retry,
  fork,
  approve,
  answer,
  resolve,
  trace,
  logs,
  events,
  artifactList,
  artifactGet,
  artifactPut,
  artifactShare,
  artifactShares,
  artifactUnshare,
  agentsList,
  agentsShow,
  agentsPause,
  agentsResume,
  agentsRestart,
  agentsTerminate,
  agentLogs,
  capabilities,
  playbooks,
  playbooksNew,
  playbooksCheck,
  playbooksShow,
  playbooksRun,
  playbooksRemove,
  verify,
  auditVerify,
  proveCrash,
  up,
  stop,
  doctor,
  loginLink,
  configExplain,
  retentionShow,
  retentionRun,
];

export const COMMANDS: readonly Command[] = [...WITHOUT_COMPLETION, completion(WITHOUT_COMPLETION)];
