// Routes about the node itself: settings, log, audit, health, discovery.

import Type from "typebox";
import { AuditReportSchema, ConfigExplanationSchema, LogPage } from "./agent-api.ts";
import { PageQuery } from "./common-schema.ts";
import type { Route } from "./route.ts";

export const NODE_ROUTES = {
  explainConfig: {
    method: "GET",
    path: "/config/explain",
    scope: "read:config",
    status: 200,
    tag: "config",
    summary: "A setting's value and the layer that set it",
    query: Type.Object({ key: Type.String({ minLength: 1, maxLength: 300 }) }),
    response: ConfigExplanationSchema,
  },
  logs: {
    method: "GET",
    path: "/sentinel/log",
    scope: "read:log",
    status: 200,
    tag: "sentinel",
    summary: "Structured log records, newest last",
    query: Type.Object({
      ...PageQuery,
      plan_id: Type.Optional(Type.String()),
      task_id: Type.Optional(Type.String()),
      agent_id: Type.Optional(Type.String()),
      level: Type.Optional(Type.String()),
      since: Type.Optional(Type.String()),
    }),
    response: LogPage,
  },
  verifyAudit: {
    method: "POST",
    path: "/sentinel/audit/verify",
    scope: "read:log",
    status: 200,
    tag: "sentinel",
    summary: "Check the whole signed log and say where it is damaged",
    response: AuditReportSchema,
  },
  stopNode: {
    method: "POST",
    path: "/node/stop",
    scope: "manage:node",
    status: 202,
    tag: "node",
    summary: "Drain and end the node",
    response: Type.Object({ status: Type.Literal("stopping") }),
  },
  health: {
    method: "GET",
    path: "/health",
    scope: "open",
    status: 200,
    tag: "node",
    summary: "The process answers",
    response: Type.Object({ status: Type.Literal("ok") }),
  },
  ready: {
    method: "GET",
    path: "/ready",
    scope: "open",
    status: 200,
    tag: "node",
    summary: "The node takes work; 503 while it starts or drains",
    response: Type.Object({ status: Type.Literal("ready") }),
  },
  metrics: {
    method: "GET",
    path: "/metrics",
    scope: "read:metrics",
    status: 200,
    tag: "node",
    summary: "Prometheus metrics",
    produces: "text/plain; version=0.0.4; charset=utf-8",
  },
  discovery: {
    method: "GET",
    path: "/.well-known/klp.json",
    scope: "open",
    status: 200,
    tag: "node",
    summary: "Node did, agents, capabilities, endpoints and public keys",
    response: Type.Unknown(),
  },
  openapi: {
    method: "GET",
    path: "/openapi.json",
    scope: "open",
    status: 200,
    tag: "node",
    summary: "This contract",
    response: Type.Unknown(),
  },
} as const satisfies Readonly<Record<string, Route>>;
