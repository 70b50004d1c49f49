// Follows a plan to its end on the terminal: draws it, asks the person, cancels on Ctrl-C, and starts the node again when it dies on the way.

import type { PlanView, ServerFrame } from "@kos/api";
import { isEnded, type RunState, reduceFrame, runStateOf } from "@kos/api";
import { isKosError } from "@kos/klp";
import type { Kai } from "../command.ts";
import type { Session } from "../connection/session.ts";
import { formatClock } from "../format/quantity.ts";
import { createScreen, type Screen } from "../terminal/screen.ts";
import { changeLines, runLines, SPINNER_MS } from "../view/run-lines.ts";
import { createInbox, type Inbox } from "./inbox.ts";
import type { Interrupts } from "./interrupts.ts";
import { askOpen } from "./question.ts";

export interface Followed {
  readonly view: PlanView;
  /** `ended`; `waiting`: only a person gets it on; `left`: Ctrl-C a second time, the node goes on. */
  readonly how: "ended" | "waiting" | "left";
  /** The node that answers now; another one than before when that ended on the way. */
  readonly session: Session;
}

export interface FollowOptions {
  readonly approvePlan: boolean;
  /** Ctrl-C cancels the plan. False (`kai show --follow`): it only ends the watching. */
  readonly cancels: boolean;
  /** Where a Ctrl-C may have come already. */
  readonly interrupts?: Interrupts;
}

type Message =
  | { readonly kind: "frame"; readonly frame: ServerFrame }
  | { readonly kind: "lost"; readonly cause?: unknown }
  | { readonly kind: "look" }
  | { readonly kind: "interrupt" };

const LOOK_EVERY_MS = 3000;
const MOST_RESTARTS = 5;
const WAITING: ReadonlySet<string> = new Set(["waiting_approval", "waiting_input", "in_doubt"]);

export async function followPlan(kai: Kai, first: Session, planId: string, options: FollowOptions): Promise<Followed> {
  const inbox = createInbox<Message>();
  const { machine } = kai;
  const onInterrupt = () => inbox.put({ kind: "interrupt" });
  const stops = [
    options.interrupts?.listen(onInterrupt) ?? machine.onInterrupt(onInterrupt),
    machine.every(LOOK_EVERY_MS, () => inbox.put({ kind: "look" })),
  ];
  let view = await readPlan(first, planId);
  const display = createDisplay(kai, runStateOf(view), options);
  let session = first;
  let listening = listen(session, planId, view.seq, inbox, machine.isAlive);
  let restarts = 0;
  let isCancelling = false;
  let isLeftOpen = false;
  try {
    for (;;) {
      if (isEnded(display.state().status)) return await settled("ended");
      if (WAITING.has(display.state().status) || hasQuestions(display.state())) {
        view = await readPlan(session, planId);
        display.show(runStateOf(view));
        if (isEnded(view.plan.status)) continue;
        const isStuck = WAITING.has(view.plan.status) && !isCancelling;
        if (kai.terminal.canAsk && !isCancelling && !isLeftOpen && hasQuestions(display.state())) {
          display.pause();
          isLeftOpen = !(await askOpen(kai, session, view, options).catch(retryable));
          view = await readPlan(session, planId);
          display.show(runStateOf(view));
          if (!isLeftOpen) continue;
        }
        if (isStuck) return await settled("waiting");
      }
      const message = await inbox.take();
      switch (message.kind) {
        case "frame":
          display.take(message.frame);
          break;
        case "look":
          view = await readPlan(session, planId).catch(() => view);
          if (view.seq > display.state().seq) display.show(runStateOf(view));
          break;
        case "interrupt":
          if (isCancelling || !options.cancels) return { view, how: "left", session };
          isCancelling = true;
          display.note("cancelling; Ctrl-C again leaves it to the node");
          await session.client
            .call("cancelPlan", { params: { plan_id: planId }, body: { reason: "Ctrl-C at the terminal" } })
            .catch(endedMeanwhile);
          break;
        case "lost":
          restarts += 1;
          if (restarts > MOST_RESTARTS) throw message.cause;
          listening.abort();
          display.note("the node ended; starting it again, it goes on where it was");
          session = await kai.connect();
          view = await readPlan(session, planId);
          display.show(runStateOf(view));
          listening = listen(session, planId, view.seq, inbox, machine.isAlive);
          break;
      }
    }
  } finally {
    listening.abort();
    for (const stop of stops) stop();
    display.end();
  }

  async function settled(how: "ended" | "waiting"): Promise<Followed> {
    view = await readPlan(session, planId);
    display.show(runStateOf(view));
    return { view, how, session };
  }
}

function hasQuestions(state: RunState): boolean {
  return state.approvals.size > 0 || state.inputs.size > 0;
}

async function readPlan(session: Session, planId: string): Promise<PlanView> {
  return session.client.call("plan", { params: { plan_id: planId } });
}

/** Somebody else decided or answered first: look again. */
function retryable(error: unknown): boolean {
  if (isKosError(error, "CONFLICT") || isKosError(error, "NOT_FOUND")) return true;
  throw error;
}

/** It ended before it could be cancelled. */
function endedMeanwhile(error: unknown): void {
  if (!isKosError(error, "CONFLICT")) throw error;
}

function listen(session: Session, planId: string, seq: number, inbox: Inbox<Message>, isAlive: (pid: number) => boolean): AbortController {
  const stop = new AbortController();
  let isLost = false;
  const lost = (cause?: unknown) => {
    if (isLost || stop.signal.aborted) return;
    isLost = true;
    inbox.put({ kind: "lost", ...(cause !== undefined && { cause }) });
  };
  const pump = async () => {
    const onDisconnect = () => {
      if (!isAlive(session.node.pid)) lost();
    };
    try {
      for await (const frame of session.frames({ topics: [`plan:${planId}`], since: String(seq), signal: stop.signal, onDisconnect })) {
        inbox.put({ kind: "frame", frame });
      }
    } catch (cause) {
      lost(cause);
    }
  };
  void pump();
  return stop;
}

interface Display {
  state(): RunState;
  take(frame: ServerFrame): void;
  show(state: RunState): void;
  note(text: string): void;
  /** Takes the live lines away until something new comes. */
  pause(): void;
  end(): void;
}

/** Live lines on a terminal, lines with times in a log, frames as JSON. */
function createDisplay(kai: Kai, initial: RunState, options: FollowOptions): Display {
  const { terminal, machine } = kai;
  let state = initial;
  const screen: Screen | undefined = terminal.isLive
    ? createScreen({ write: (text) => terminal.raw(text), columns: () => machine.columns() })
    : undefined;
  let isPaused = false;
  let noted = options.cancels ? "Ctrl-C cancels" : "Ctrl-C ends watching";
  const lines = (hint: string | undefined) => {
    const canvas = { width: terminal.width() - 1, height: terminal.height() - 3, nowMs: machine.now(), style: terminal.style };
    return [...runLines(state, canvas), ...(hint === undefined ? [] : [terminal.style.dim(hint)])];
  };
  const draw = () => {
    if (!isPaused) screen?.draw(lines(noted));
  };
  const log = (text: string) => terminal.print(`${terminal.style.dim(formatClock(machine.now()))} ${text}`);
  const logChanges = (before: RunState) => {
    if (screen === undefined && !terminal.isJson) changeLines(before, state).forEach(log);
  };
  const stop = screen === undefined ? () => undefined : machine.every(SPINNER_MS, draw);
  draw();
  // It may have got somewhere before we came.
  logChanges({ ...initial, tasks: new Map() });
  return {
    state: () => state,
    take(frame) {
      // Answers to our own requests are no part of the run.
      if (frame.plan_id !== state.planId) return;
      if (terminal.isJson) terminal.json({ event: "frame", frame });
      this.show(reduceFrame(state, frame));
    },
    show(next) {
      const before = state;
      state = next;
      logChanges(before);
      isPaused = false;
    },
    note(text) {
      noted = text;
      if (screen === undefined && !terminal.isJson) log(text);
      draw();
    },
    pause() {
      isPaused = true;
      screen?.clear();
    },
    end() {
      stop();
      if (screen === undefined) return;
      screen.clear();
      terminal.print(...lines(undefined).slice(0, -1));
    },
  };
}
