// The health check where the image has no openssl: one request to the agent's own API, as itself.
import { readFileSync } from "node:fs";
import { request } from "node:https";

const folder = `/secrets/${process.env.MALL_INSTANCE}/current`;
const pem = (name) => readFileSync(`${folder}/${name}`);
const ask = request(
  {
    host: "127.0.0.1",
    port: 8443,
    servername: "localhost",
    path: "/healthz",
    ca: pem("ca.crt"),
    cert: pem("tls.crt"),
    key: pem("tls.key"),
    agent: false,
    timeout: 4000,
  },
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
