// A question of a run: its choices as buttons, or a field fit for the answer.

import type { InputRequest } from "@kos/api";
import { type FormEvent, useRef, useState } from "react";
import { useConsole, useSignedIn } from "../app/console.ts";
import { type Field, fieldsOf } from "../forms/field.ts";
import { FormFields } from "../forms/form-fields.tsx";
import { initialValues, readForm } from "../forms/form-values.ts";
import { Button } from "../ui/button.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { answerForm } from "./answer-form.ts";
import { WaitingCard } from "./waiting-card.tsx";

export interface QuestionCardProps {
  readonly input: InputRequest;
  readonly onDone: () => void;
}

export function QuestionCard({ input, onDone }: QuestionCardProps) {
  const { notices } = useConsole();
  const { client } = useSignedIn();
  const [error, setError] = useState<unknown>();
  const [isSending, setSending] = useState(false);

  async function answer(value: unknown): Promise<void> {
    setSending(true);
    setError(undefined);
    try {
      await client.call("answer", { params: { input_id: input.input_id }, body: { answer: value } });
      notices.done("Answered.");
    } catch (thrown) {
      setError(thrown);
    }
    setSending(false);
    onDone();
  }

  const { schema, isWrapped } = answerForm(input);
  const fields = fieldsOf(schema);
  return (
    <WaitingCard kind="A question" title={input.question} at={input.requested_at}>
      {input.choices !== undefined && input.choices.length > 0 ? (
        <div role="group" aria-label="Answers" className="flex flex-wrap gap-2">
          {input.choices.map((choice) => (
            <Button key={choice} disabled={isSending} onClick={() => void answer(choice)}>
              {choice}
            </Button>
          ))}
        </div>
      ) : (
        <AnswerForm fields={fields} isSending={isSending} onAnswer={(params) => void answer(isWrapped ? params["answer"] : params)} />
      )}
      {error !== undefined && <ProblemNote error={error} title="The answer was not taken." />}
    </WaitingCard>
  );
}

interface AnswerFormProps {
  readonly fields: readonly Field[];
  readonly isSending: boolean;
  readonly onAnswer: (params: Readonly<Record<string, unknown>>) => void;
}

function AnswerForm({ fields, isSending, onAnswer }: AnswerFormProps) {
  const [values, setValues] = useState(() => initialValues(fields));
  const [problems, setProblems] = useState<ReadonlyMap<string, string>>(new Map());
  const form = useRef<HTMLFormElement>(null);
  function send(event: FormEvent): void {
    event.preventDefault();
    const read = readForm(fields, values);
    setProblems(read.problems);
    const [first] = read.problems.keys();
    if (first === undefined) return onAnswer(read.params);
    const control = form.current?.elements.namedItem(first);
    if (control instanceof HTMLElement) control.focus();
  }
  return (
    <form ref={form} noValidate onSubmit={send} className="space-y-4">
      <FormFields fields={fields} values={values} problems={problems} onChange={(name, value) => setValues({ ...values, [name]: value })} />
      <Button type="submit" looks="lead" disabled={isSending}>
        Answer
      </Button>
    </form>
  );
}
