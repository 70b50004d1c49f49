import { testEventLogContract } from "./event-log.contract.ts";
import { testLogCutContract } from "./log-cut.contract.ts";
import { memoryStore } from "./memory-store.ts";
import { SIGNER, TASK_TABLES } from "./store.fixture.ts";
import { testTablesContract } from "./tables.contract.ts";

const open = async () => memoryStore({ signer: SIGNER, migrations: TASK_TABLES });

testEventLogContract("memory", open);
testLogCutContract("memory", open);
testTablesContract("memory", open);
