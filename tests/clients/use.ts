// Types that a consumer relies on; the compiler checks that the generated ones have them.
import type { components as AssistantParts, paths as Assistant } from "./assistant.ts";
import type { components, operations, paths } from "./marketplace.ts";
import type { paths as Policies } from "./policies.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <_ extends true>() => undefined;

type Open = operations["open_order"];
type Refusal = Open["responses"][409]["content"]["application/problem+json"];

holds<Same<components["schemas"]["OrderBody"]["status"], "pending" | "completed">>();
holds<Same<Open["requestBody"]["content"]["application/json"], { product_id: number }>>();
holds<Same<NonNullable<Open["parameters"]["header"]>["Idempotency-Key"], string | undefined>>();
holds<Same<Open["responses"][201]["headers"]["Comity-Bundle"], string>>();
holds<Same<Refusal["code"], string>>();
holds<Same<Refusal["policy"], string | undefined>>();
holds<Same<keyof operations["download_media"]["responses"][200]["content"] & "image/png", "image/png">>();
holds<Same<paths["/api/v1/orders"]["post"], Open>>();
holds<
  Policies["/api/policies/{name}/decide"]["post"]["responses"][403]["content"] extends {
    "application/problem+json": { code: string };
  }
    ? true
    : false
>();
holds<Same<AssistantParts["schemas"]["SessionBody"]["lane"], "ephemeral" | "inbox">>();
holds<Same<Assistant["/assistant/session"]["get"]["requestBody"], undefined>>();

const order: components["schemas"]["OrderBody"] = {
  id: 1,
  product_id: 2,
  buyer_id: 3,
  seller_id: 4,
  chat_id: 5,
  status: "pending",
  seller_confirmed_at: null,
  buyer_confirmed_at: null,
  completed_at: null,
};
// @ts-expect-error: the server refuses a field that it does not know
const unknown: Open["requestBody"]["content"]["application/json"] = { product_id: order.product_id, gift: true };
export { order, unknown };
