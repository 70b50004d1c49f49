// `kai answer`: questions that plans wait on, and their answers.

import type { InputRequest } from "@kos/api";
import { safeText } from "@kos/klp";
import type { Command, Kai } from "../command.ts";
import { uniqueId } from "../connection/plan-id.ts";
import { eachItem, type Session } from "../connection/session.ts";
import { EXIT } from "../exit-code.ts";
import { formatTime, shortId } from "../format/quantity.ts";
import { renderTable } from "../format/table.ts";
import { readAnswer } from "../run/answer-text.ts";
import { questionLines } from "../run/question.ts";
import { usageError } from "../usage.ts";

export const answer: Command = {
  name: "answer",
  group: "People",
  summary: "list questions that plans wait on, or answer one",
  args: [
    { name: "question", about: "a question's id, or a unique end or beginning of it", isOptional: true },
    { name: "answer", about: "a choice by number or words, text, or JSON; asked for when left out", isOptional: true, isList: true },
  ],
  examples: [
    ["answer", "what is asked"],
    ["answer 5c4d3e2f", "read it and answer"],
    ["answer 5c4d3e2f accept", "answer at once"],
  ],
  async perform(kai, input) {
    const session = await kai.connect();
    const open = await openQuestions(session);
    const [typed, ...words] = input.args;
    if (typed === undefined) return list(kai, open);
    const id = await uniqueId(typed, "question", eachOf(open), ({ input_id }) => input_id, "kai answer");
    const question = open.find(({ input_id }) => input_id === id);
    if (question === undefined) throw usageError(`No open question has the id ${typed}.`);
    const text = words.length > 0 ? words.join(" ") : await ask(kai, question);
    if (text === undefined) return EXIT.needsPerson;
    const read = readAnswer(text, question);
    if ("problem" in read) throw usageError(read.problem);
    const accepted = await session.client.call("answer", { params: { input_id: question.input_id }, body: { answer: read.answer } });
    if (kai.terminal.isJson) kai.terminal.json(accepted);
    else kai.terminal.print(`Answered; plan ${shortId(accepted.plan_id)} goes on.`);
    return EXIT.done;
  },
};

async function ask(kai: Kai, question: InputRequest): Promise<string | undefined> {
  if (!kai.terminal.canAsk) throw usageError("Give the answer after the id.");
  kai.terminal.print(...questionLines(question, kai));
  const text = await kai.terminal.ask("  > ");
  return text === undefined || text.trim() === "" ? undefined : text;
}

/** Questions hang on plans that have not ended. */
async function openQuestions(session: Session): Promise<readonly InputRequest[]> {
  const found: InputRequest[] = [];
  for await (const { plan_id } of eachItem(session.client, "plans", {
    query: { status: "waiting_input,waiting_approval,running,paused" },
  })) {
    const { inputs } = await session.client.call("plan", { params: { plan_id } });
    found.push(...inputs.filter(({ status }) => status === "open"));
  }
  return found;
}

async function* eachOf<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

function list(kai: Kai, open: readonly InputRequest[]): typeof EXIT.done {
  const { terminal, machine } = kai;
  if (terminal.isJson) for (const question of open) terminal.json(question);
  else if (open.length === 0) terminal.print("Nothing is asked.");
  else {
    const columns = [{ title: "question" }, { title: "plan" }, { title: "task" }, { title: "asked" }, { title: "what", flexible: true }];
    const rows = open.map((question) => [
      terminal.style.accent(shortId(question.input_id)),
      shortId(question.plan_id),
      safeText(question.task_id),
      formatTime(question.requested_at, machine.now()),
      safeText(question.question),
    ]);
    terminal.print(...renderTable(columns, rows, terminal.width(), terminal.style), "", `Answer with: ${kai.invocation} answer ID`);
  }
  return EXIT.done;
}
