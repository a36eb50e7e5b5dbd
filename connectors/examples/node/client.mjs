// A department system in Node: applies for a grant, asks, streams, subscribes, verifies its receipt.
// Usage: node client.mjs PROTO_DIR HUB RESOURCE CONSUMER FIELD,… KEY, with ZQ_CA ZQ_CERT ZQ_KEY and ZQ_VKEY in the
// environment. The first field is the key that is asked for. Prints one JSON object.
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';
import { verify } from './proof.mjs';

const REQUESTS = 100;
const [protos, hub, resource, consumer, fieldList, key] = process.argv.slice(2);
const fields = fieldList.split(',');

const files = ['access', 'exchange', 'feed', 'receipt'].map((name) => `zhanqiao/v1/${name}.proto`);
const { v1 } = grpc.loadPackageDefinition(
  loader.loadSync(files, { includeDirs: [protos], keepCase: true, longs: String, oneofs: true, defaults: true })).zhanqiao;
const pem = (name) => readFileSync(process.env[name]);
const credentials = grpc.credentials.createSsl(pem('ZQ_CA'), pem('ZQ_KEY'), pem('ZQ_CERT'));
const clients = new Map();

function client(Service) {
  if (!clients.has(Service)) clients.set(Service, new Service(hub, credentials));
  return clients.get(Service);
}
const call = (Service, method, request) => promisify(client(Service)[method].bind(client(Service)))(request);

// A grant of an unconditional resource is active at once; others wait for their provider's two approvers.
async function apply() {
  const grant = { consumer, resource, purpose: '接口示例', fields: fields.map((field) => ({ field })) };
  const { name } = await call(v1.AccessService, 'CreateGrant', { grant });
  return call(v1.AccessService, 'SubmitGrant', { name });
}

// Many numbered requests on one stream; answers come in any order, several in a message.
async function stream(query) {
  const streamed = client(v1.ExchangeService).QueryStream();
  for (let number = 1; number <= REQUESTS; ++number) streamed.write({ queries: [{ number, query }] });
  streamed.end();
  const answered = new Set();
  for await (const { answers } of streamed) {
    for (const answer of answers) {
      if (answer.error) throw new Error(answer.error.message);
      answered.add(answer.number);
    }
  }
  return answered.size;
}

// Reads the feed to its end and acknowledges each delivery; the cursor is durable once the hub says so.
async function subscribe(grant) {
  const subscribed = client(v1.FeedService).Subscribe();
  subscribed.write({ start: { grant, subscription: 'node', matter: '例-0002' } });
  const received = [];
  let last;
  for await (const { delivery, acknowledged } of subscribed) {
    if (delivery) {
      received.push(...(delivery.records?.rows ?? []).map((row) => row.values[0].text));
      subscribed.write({ acknowledge: { offset: delivery.through_offset } });
      if (delivery.lag === '0') last = delivery.through_offset;
    } else if (acknowledged && acknowledged.offset === last) {
      subscribed.end();  // the hub ends its side, and with it the loop
    }
  }
  return { received, acknowledged: Number(last) };
}

const grant = await apply();
const query = {
  grant: grant.name,
  conditions: [{ field: fields[0], comparison: 'COMPARISON_EQUALS', value: { text: key } }],
  matter: '例-0001',
};
const answer = await call(v1.ExchangeService, 'Query', query);
const receipt = await call(v1.ReceiptService, 'GetReceipt', { index: answer.receipt.index });
const index = verify(receipt.entry, receipt.proof, process.env.ZQ_VKEY);
const streamed = await stream(query);
const feed = await subscribe(grant.name);
console.log(JSON.stringify({
  grant: grant.name, rows: answer.records.rows.length, streamed, ...feed, verified: String(index) === answer.receipt.index,
}));
for (const open of clients.values()) open.close();
