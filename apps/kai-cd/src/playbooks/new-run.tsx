// A playbook's form: fill in, say when, start.

import type { PlaybookView } from "@kos/api";
import { type FormEvent, useRef, useState } from "react";
import { useConsole, useSignedIn } from "../app/console.ts";
import { useResource } from "../data/use-resource.ts";
import { type Field, fieldsOf } from "../forms/field.ts";
import { FormFields } from "../forms/form-fields.tsx";
import { initialValues, readForm } from "../forms/form-values.ts";
import { serverProblems } from "../forms/server-problems.ts";
import { missingTime, startNow, timeOf, type When } from "../schedules/when.ts";
import { WhenFields } from "../schedules/when-fields.tsx";
import { Button } from "../ui/button.tsx";
import { Loading } from "../ui/empty.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Prose } from "../ui/prose.tsx";
import { dropDraft, keepDraft, readDraft } from "./form-draft.ts";
import { isBelowRoots } from "./fs-roots.ts";
import { FsRootsNote } from "./fs-roots-note.tsx";

interface Place {
  readonly roots: readonly string[];
  readonly data: string;
}

/** Name of the control that says when; no parameter of a playbook begins with a blank. */
const WHEN = " when";

export function NewRun({ name }: { readonly name: string }) {
  const { client } = useSignedIn();
  const playbook = useResource(`playbook ${name}`, (signal) => client.call("playbook", { params: { name } }, { signal }));
  const place = useResource("fs.roots", async (signal): Promise<Place> => {
    const [explained, status] = await Promise.all([
      client.call("explainConfig", { query: { key: "fs.roots" } }, { signal }),
      client.call("status", {}, { signal }),
    ]);
    return { roots: Array.isArray(explained.value) ? explained.value.map(String) : [], data: status.node.data };
  });
  const error = playbook.error ?? place.error;
  if (playbook.value !== undefined && place.value !== undefined) return <RunForm playbook={playbook.value} place={place.value} />;
  return (
    <>
      <PageHead title={name} />
      {error === undefined ? (
        <Loading what="the playbook" />
      ) : (
        <ProblemNote error={error} title="The playbook cannot be shown." onRetry={playbook.reload} />
      )}
    </>
  );
}

function RunForm({ playbook, place }: { readonly playbook: PlaybookView; readonly place: Place }) {
  const { router, machine, notices } = useConsole();
  const { client } = useSignedIn();
  const fields = fieldsOf(playbook.params);
  const [values, setValues] = useState(() => initialValues(fields, readDraft(sessionStorage, playbook.name)));
  const [problems, setProblems] = useState<ReadonlyMap<string, string>>(new Map());
  const [failure, setFailure] = useState<unknown>();
  const [isStarting, setStarting] = useState(false);
  const [asksFirst, setAsksFirst] = useState(false);
  const [when, setWhen] = useState(() => startNow(Intl.DateTimeFormat().resolvedOptions().timeZone));
  /** The same submission again, after an answer that got lost, is the same run. */
  const submission = useRef<{ readonly text: string; readonly key: string }>(undefined);
  const form = useRef<HTMLFormElement>(null);

  const isRefused = (field: Field) => {
    const value = values[field.name];
    return field.kind === "path" && typeof value === "string" && value.trim() !== "" && !isBelowRoots(value.trim(), place.roots);
  };
  const notes = new Map(
    fields
      .filter((field) => field.kind === "path")
      .map((field) => [
        field.name,
        <FsRootsNote
          key={field.name}
          {...place}
          command={commandOf(playbook.name, field.name, values[field.name])}
          isRefused={isRefused(field)}
        />,
      ]),
  );

  function change(name: string, value: string | boolean): void {
    const next = { ...values, [name]: value };
    setValues(next);
    keepDraft(sessionStorage, playbook.name, next);
    if (problems.has(name)) setProblems(new Map([...problems].filter(([field]) => field !== name)));
  }

  function changeWhen(next: When): void {
    setWhen(next);
    setProblems(new Map([...problems].filter(([field]) => field !== WHEN)));
  }

  function show(found: ReadonlyMap<string, string>): void {
    setProblems(found);
    const first = [...fields.map(({ name }) => name), WHEN].find((name) => found.has(name));
    const control = first && form.current?.elements.namedItem(first);
    if (control instanceof HTMLElement) control.focus();
  }

  async function start(event: FormEvent): Promise<void> {
    event.preventDefault();
    const read = readForm(fields, values);
    const found = new Map(read.problems);
    for (const field of fields) {
      if (!found.has(field.name) && isRefused(field))
        found.set(field.name, "The node may not read this folder for the browser. How to open one is said above.");
    }
    const missing = missingTime(when);
    if (missing !== undefined) found.set(WHEN, missing);
    setFailure(undefined);
    show(found);
    if (found.size > 0) return;
    setStarting(true);
    const request = { playbook: playbook.name, params: { ...read.params }, ...(asksFirst && { approval: true }) };
    const time = timeOf(when);
    const { missed, overlap } = when;
    const schedule = time && { request, ...time, missed, overlap };
    const text = JSON.stringify(schedule ?? request);
    if (submission.current?.text !== text) submission.current = { text, key: machine.newKey() };
    const { key: idempotencyKey } = submission.current;
    try {
      if (schedule === undefined) {
        const { plan_id } = await client.call("submit", { body: request }, { idempotencyKey });
        router.go({ page: "run", planId: plan_id, part: "plan" });
      } else {
        const { name } = await client.call("createSchedule", { body: schedule }, { idempotencyKey });
        notices.done(`${name} is scheduled.`);
        router.go({ page: "schedules" });
      }
      dropDraft(sessionStorage, playbook.name);
    } catch (error) {
      const named = serverProblems(error, fields);
      show(named);
      if (named.size === 0) setFailure(error);
      setStarting(false);
    }
  }

  const needed = fields.filter((field) => field.isRequired);
  const others = fields.filter((field) => !field.isRequired);
  const hasHiddenProblem = others.some((field) => problems.has(field.name));
  return (
    <>
      <PageHead title={playbook.title} tabTitle={`Start: ${playbook.title}`}>
        <p className="max-w-prose">{playbook.description}</p>
      </PageHead>
      <div className="grid gap-10 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <form ref={form} noValidate onSubmit={(event) => void start(event)} aria-label={`Start ${playbook.title}`} className="space-y-6">
          <FormFields fields={needed} values={values} problems={problems} onChange={change} notes={notes} />
          {others.length > 0 && (
            <details open={needed.length === 0 || hasHiddenProblem ? true : undefined} className="border-y border-line py-4">
              <summary className="font-medium">
                More settings <span className="ml-1 text-sm font-normal text-quiet">{others.length}, all with a default</span>
              </summary>
              <div className="pt-5">
                <FormFields fields={others} values={values} problems={problems} onChange={change} notes={notes} />
              </div>
            </details>
          )}
          <WhenFields when={when} name={WHEN} problem={problems.get(WHEN)} onChange={changeWhen} />
          <label className="flex items-start gap-2.5 text-sm">
            <input
              type="checkbox"
              checked={asksFirst}
              onChange={(event) => setAsksFirst(event.target.checked)}
              className="mt-0.5 size-4.5 accent-accent"
            />
            <span>
              Show me the plan and wait for my approval
              <span className="block text-quiet">
                {when.kind === "again" ? "Each time: nothing runs before you have seen it." : "Nothing runs before you have seen it."}
              </span>
            </span>
          </label>
          {failure !== undefined && (
            <ProblemNote error={failure} title={when.kind === "now" ? "The run was not started." : "It was not scheduled."} />
          )}
          <div className="flex items-center gap-4">
            <Button type="submit" looks="lead" disabled={isStarting} className="min-w-32">
              {when.kind === "now" ? (isStarting ? "Starting…" : "Start") : isStarting ? "Scheduling…" : "Schedule"}
            </Button>
            {problems.size > 0 && (
              <p role="status" className="text-sm text-bad">
                {problems.size === 1 ? "One field needs a look." : `${problems.size} fields need a look.`}
              </p>
            )}
          </div>
        </form>
        <aside aria-label="About this playbook" className="space-y-4 border-line text-sm text-quiet lg:border-l lg:pl-6">
          <Prose text={playbook.docs ?? ""} />
          <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
            <dt>Name</dt>
            <dd className="font-mono text-ink">{playbook.name}</dd>
            <dt>Version</dt>
            <dd className="text-ink">{playbook.version}</dd>
            <dt>Tasks</dt>
            <dd className="text-ink">{playbook.tasks}</dd>
            <dt>Comes</dt>
            <dd className="text-ink">{playbook.origin === "own" ? "from your data folder" : "with kOS"}</dd>
          </dl>
        </aside>
      </div>
    </>
  );
}

function commandOf(playbook: string, field: string, value: unknown): string {
  const path = typeof value === "string" && value.trim() !== "" ? value.trim() : "/path/to/folder";
  return `npx kai run ${playbook} --${field.replaceAll("_", "-")} ${/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`}`;
}
