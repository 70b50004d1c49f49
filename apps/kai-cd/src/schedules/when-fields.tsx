// The part of a playbook's form that says when: now, at a time to come, or again and again; with the times that follow from it.

import { type ReactNode, useId } from "react";
import { DueTimes } from "./due-times.tsx";
import { RHYTHMS, timeOf, WHEN_KINDS, type When, type WhenKind } from "./when.ts";

export interface WhenFieldsProps {
  readonly when: When;
  /** Of the control that says when. */
  readonly name: string;
  readonly problem: string | undefined;
  readonly onChange: (when: When) => void;
}

const KINDS: Readonly<Record<WhenKind, string>> = { now: "Now", once: "Once, later", again: "Again and again" };
const MISSED: readonly (readonly [When["missed"], string])[] = [
  ["once", "make up for the newest one"],
  ["skip", "leave them out"],
  ["all", "make up for all of them"],
];
const OVERLAP: readonly (readonly [When["overlap"], string])[] = [
  ["skip", "leave it out"],
  ["queue", "run it afterwards"],
  ["allow", "run both at once"],
];

export function WhenFields({ when, name, problem, onChange }: WhenFieldsProps) {
  const id = useId();
  const time = timeOf(when);
  const change = (part: Partial<When>) => onChange({ ...when, ...part });
  const timeField = {
    id: `${id}-time`,
    name,
    "aria-invalid": problem !== undefined,
    "aria-describedby": `${id}-about ${id}-next`,
  };
  return (
    <fieldset className="space-y-5">
      <legend className="mb-2 font-medium">When</legend>
      <div className="flex flex-wrap gap-x-6 gap-y-2">
        {WHEN_KINDS.map((kind) => (
          <label key={kind} className="flex min-h-6 items-center gap-2">
            <input
              type="radio"
              name={`${id}-kind`}
              checked={when.kind === kind}
              onChange={() => change({ kind })}
              className="size-4.5 accent-accent"
            />
            {KINDS[kind]}
          </label>
        ))}
      </div>
      {when.kind !== "now" && (
        <div className="space-y-5 rounded-lg border border-line bg-panel p-4 sm:p-5">
          <div className="grid gap-5 sm:grid-cols-2">
            <Labelled id={timeField.id} name={when.kind === "once" ? "Date and time" : "Rhythm"}>
              {when.kind === "once" ? (
                <input
                  {...timeField}
                  type="datetime-local"
                  value={when.at}
                  onChange={({ target }) => change({ at: target.value })}
                  className="field"
                />
              ) : (
                <input
                  {...timeField}
                  value={when.every}
                  onChange={({ target }) => change({ every: target.value })}
                  placeholder="0 9 * * 1-5"
                  spellCheck={false}
                  autoCapitalize="off"
                  autoComplete="off"
                  className="field font-mono text-[0.9375rem]"
                />
              )}
            </Labelled>
            <Labelled id={`${id}-zone`} name="Time zone">
              <input
                id={`${id}-zone`}
                value={when.zone}
                onChange={({ target }) => change({ zone: target.value })}
                list={`${id}-zones`}
                spellCheck={false}
                autoComplete="off"
                className="field"
              />
              <datalist id={`${id}-zones`}>
                {Intl.supportedValuesOf("timeZone").map((zone) => (
                  <option key={zone} value={zone} />
                ))}
              </datalist>
            </Labelled>
          </div>
          {when.kind === "again" && <Rhythms every={when.every} aboutId={`${id}-about`} onChange={(every) => change({ every })} />}
          <div id={`${id}-next`}>
            {problem !== undefined && <p className="text-sm font-medium text-bad">{problem}</p>}
            {time !== undefined && <DueTimes time={time} />}
          </div>
          <div className="grid gap-5 sm:grid-cols-2">
            <Choice
              id={`${id}-missed`}
              name="If the node was off"
              choices={MISSED}
              value={when.missed}
              onChange={(missed) => change({ missed })}
            />
            <Choice
              id={`${id}-overlap`}
              name="If the run before still runs"
              choices={OVERLAP}
              value={when.overlap}
              onChange={(overlap) => change({ overlap })}
            />
          </div>
        </div>
      )}
    </fieldset>
  );
}

function Rhythms({
  every,
  aboutId,
  onChange,
}: {
  readonly every: string;
  readonly aboutId: string;
  readonly onChange: (every: string) => void;
}) {
  return (
    <div className="-mt-2 text-sm text-quiet">
      <p id={aboutId}>
        A cron pattern (minute hour day month weekday), or an interval: <code className="font-mono text-[0.8125rem]">90s</code>,{" "}
        <code className="font-mono text-[0.8125rem]">6h</code>, <code className="font-mono text-[0.8125rem]">1d</code>. Or one of these:
      </p>
      <div role="group" aria-label="Common rhythms" className="mt-2 flex flex-wrap gap-2">
        {RHYTHMS.map(([pattern, name]) => (
          <button
            key={pattern}
            type="button"
            aria-pressed={every.trim() === pattern}
            onClick={() => onChange(pattern)}
            className="min-h-8 rounded-full border border-edge px-3 py-1 text-ink transition-colors hover:border-ink hover:bg-sunk aria-pressed:border-accent aria-pressed:bg-wash"
          >
            {name}
          </button>
        ))}
      </div>
    </div>
  );
}

interface ChoiceProps<Value extends string> {
  readonly id: string;
  readonly name: string;
  readonly choices: readonly (readonly [Value, string])[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}

function Choice<Value extends string>({ id, name, choices, value, onChange }: ChoiceProps<Value>) {
  return (
    <Labelled id={id} name={name}>
      <select id={id} value={value} onChange={({ target }) => onChange(target.value as Value)} className="field">
        {choices.map(([key, words]) => (
          <option key={key} value={key}>
            {words}
          </option>
        ))}
      </select>
    </Labelled>
  );
}

function Labelled({ id, name, children }: { readonly id: string; readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="min-w-0">
      <label htmlFor={id} className="mb-1.5 block font-medium">
        {name}
      </label>
      {children}
    </div>
  );
}
