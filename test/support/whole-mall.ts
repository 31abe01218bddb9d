/** The mall of the plan's defaults: bringing it up takes minutes, so suites that follow each other share it. */
export const wholeMall = { name: "whole", portBase: 26_000 } as const;

const users: readonly string[] = ["whole", "storefront"];

/** Whether the suite that runs next goes on with it; told by `./mall test`. */
export const isTakenOver = users.includes(process.env.MALL_NEXT_SUITE ?? "");
