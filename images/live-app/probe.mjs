// The health check where the image has no openssl: one request to the application itself.
import { readFileSync } from "node:fs";
import { request } from "node:https";

const ca = readFileSync(`/secrets/${process.env.MALL_INSTANCE}/current/ca.crt`);
const path = process.argv[2] ?? "/healthz";
const ask = request(
  { host: "127.0.0.1", port: 8443, servername: "localhost", path, ca, agent: false, timeout: 4000 },
  (response) => {
    process.stdout.write(`${response.statusCode}\n`);
    process.exit(response.statusCode === 200 ? 0 : 1);
  },
);
ask.on("timeout", () => ask.destroy(new Error("no answer within 4 s")));
ask.on("error", (error) => {
  process.stdout.write(`${error.message}\n`);
  process.exit(1);
});
ask.end();
