// The controls of a form: label, control, what it is for, what is wrong with it, tied together for screen readers.

import { type ReactNode, useId } from "react";
import type { Field } from "./field.ts";
import type { FormValues } from "./form-values.ts";

export interface FormFieldsProps {
  readonly fields: readonly Field[];
  readonly values: FormValues;
  readonly problems: ReadonlyMap<string, string>;
  readonly onChange: (name: string, value: string | boolean) => void;
  /** Said below a field, beyond its description. */
  readonly notes?: ReadonlyMap<string, ReactNode>;
}

export function FormFields({ fields, values, problems, onChange, notes }: FormFieldsProps) {
  return (
    <div className="space-y-6">
      {fields.map((field) => (
        <FormField
          key={field.name}
          field={field}
          value={values[field.name] ?? ""}
          problem={problems.get(field.name)}
          note={notes?.get(field.name)}
          onChange={(value) => onChange(field.name, value)}
        />
      ))}
    </div>
  );
}

interface FormFieldProps {
  readonly field: Field;
  readonly value: string | boolean;
  readonly problem: string | undefined;
  readonly note: ReactNode;
  readonly onChange: (value: string | boolean) => void;
}

function FormField({ field, value, problem, note, onChange }: FormFieldProps) {
  const id = useId();
  const described = [
    field.description !== "" && `${id}-about`,
    note !== undefined && `${id}-note`,
    problem !== undefined && `${id}-problem`,
  ]
    .filter((part) => part !== false)
    .join(" ");
  const common = {
    id,
    name: field.name,
    "aria-describedby": described === "" ? undefined : described,
    "aria-invalid": problem !== undefined,
  };
  const about = (
    <>
      {field.description !== "" && (
        <p id={`${id}-about`} className="mt-1 text-sm text-quiet">
          {field.description}
          {bounds(field)}
        </p>
      )}
      {note !== undefined && (
        <div id={`${id}-note`} className="mt-1.5 text-sm">
          {note}
        </div>
      )}
      {problem !== undefined && (
        <p id={`${id}-problem`} className="mt-1.5 text-sm font-medium text-bad">
          {problem}
        </p>
      )}
    </>
  );
  if (field.kind === "boolean") {
    return (
      <div>
        <label htmlFor={id} className="flex items-center gap-2.5 font-medium">
          <input
            {...common}
            type="checkbox"
            checked={value === true}
            onChange={(event) => onChange(event.target.checked)}
            className="size-4.5 accent-accent"
          />
          {field.title}
        </label>
        {about}
      </div>
    );
  }
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 flex items-baseline gap-2 font-medium">
        {field.title}
        {!field.isRequired && <span className="text-2xs font-normal text-quiet">optional</span>}
      </label>
      <Control field={field} common={common} value={String(value)} onChange={onChange} />
      {about}
    </div>
  );
}

interface ControlProps {
  readonly field: Field;
  readonly common: Readonly<Record<string, unknown>>;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function Control({ field, common, value, onChange }: ControlProps) {
  const change = (event: { readonly target: { readonly value: string } }) => onChange(event.target.value);
  switch (field.kind) {
    case "choice":
      return (
        <select {...common} value={value} onChange={change} required={field.isRequired} className="field">
          {(!field.isRequired || value === "") && <option value="">{field.isRequired ? "Choose one" : "—"}</option>}
          {field.choices?.map((choice) => (
            <option key={JSON.stringify(choice)} value={JSON.stringify(choice)}>
              {String(choice)}
            </option>
          ))}
        </select>
      );
    case "list":
    case "json":
      return (
        <textarea
          {...common}
          value={value}
          onChange={change}
          rows={field.kind === "json" ? 5 : 3}
          spellCheck={false}
          placeholder={field.kind === "list" ? "One per line" : "{ }"}
          className="field font-mono text-[0.875rem]"
        />
      );
    case "integer":
    case "number":
      return (
        <input
          {...common}
          value={value}
          onChange={change}
          inputMode={field.kind === "integer" ? "numeric" : "decimal"}
          autoComplete="off"
          className="field numeric max-w-56"
        />
      );
    case "path":
      return (
        <input
          {...common}
          value={value}
          onChange={change}
          placeholder="/home/me/project"
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          className="field font-mono text-[0.9375rem]"
        />
      );
    case "text":
    case "boolean":
      return <input {...common} value={value} onChange={change} autoComplete="off" className="field" />;
  }
}

function bounds({ minimum, maximum }: Field): string {
  if (minimum !== undefined && maximum !== undefined) return ` From ${minimum.toLocaleString()} to ${maximum.toLocaleString()}.`;
  if (minimum !== undefined) return ` At least ${minimum.toLocaleString()}.`;
  return maximum === undefined ? "" : ` At most ${maximum.toLocaleString()}.`;
}
