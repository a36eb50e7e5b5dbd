// The contract as @grpc/grpc-js sees it: the same calls against the edge and grpc::Server, compared.
// Usage: node client_contract.mjs INTEROP_SERVER PROTO_DIR
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

const [server, protos] = process.argv.slice(2);
const definition = loader.loadSync('grpc/testing/test.proto', { includeDirs: [protos], keepCase: true });
const { TestService, UnimplementedService } = grpc.loadPackageDefinition(definition).grpc.testing;

const own = (metadata) => Object.fromEntries(Object.keys(metadata.getMap()).filter((name) => name.startsWith('x-'))
  .sort().map((name) => [name, metadata.get(name).map(String)]));

function unary(client, method, request, metadata = new grpc.Metadata(), options = {}) {
  return new Promise((resolve) => {
    let initial = {};
    let value;
    const call = client[method](request, metadata, options, (error, response) => { value = response; });
    call.on('metadata', (received) => { initial = own(received); });
    call.on('status', (status) => setImmediate(() => resolve({
      code: status.code, details: status.details, initial, trailing: own(status.metadata),
      binary: status.metadata.get('grpc-status-details-bin').map((bytes) => bytes.toString('hex')),
      size: value?.payload?.body?.length ?? 0,
    })));
  });
}

// Follows a stream to its end; `each` may write more or cancel.
function follow(call, each = () => {}) {
  return new Promise((resolve) => {
    const sizes = [];
    call.on('data', (message) => { sizes.push(message.payload.body.length); each(call, sizes); });
    call.on('error', () => {});
    call.on('status', (status) => setImmediate(() => resolve({ sizes, code: status.code, details: status.details })));
  });
}

const asking = (sizes, status) => ({ response_parameters: sizes.map((size) => ({ size })), response_status: status });
const soon = (ms) => ({ deadline: Date.now() + ms });
const SIZES = [31415, 9, 2653, 58979];

const cases = {
  empty_unary: (c) => unary(c, 'EmptyCall', {}),
  large_unary: (c) => unary(c, 'UnaryCall', { response_size: 314159, payload: { body: Buffer.alloc(271828) } }),
  client_streaming: (c) => new Promise((resolve) => {
    const call = c.StreamingInputCall((error, response) => resolve([error?.code ?? 0, response?.aggregated_payload_size]));
    for (const size of [27182, 8, 1828, 45904]) call.write({ payload: { body: Buffer.alloc(size) } });
    call.end();
  }),
  server_streaming: (c) => follow(c.StreamingOutputCall(asking(SIZES))),
  ping_pong: (c) => {
    const call = c.FullDuplexCall();
    call.write(asking([SIZES[0]]));
    return follow(call, (stream, seen) => {
      if (seen.length < SIZES.length) stream.write(asking([SIZES[seen.length]]));
      else stream.end();
    });
  },
  empty_stream: (c) => {
    const call = c.FullDuplexCall();
    const end = follow(call);
    call.end();
    return end;
  },
  cancel_after_begin: (c) => new Promise((resolve) => {
    const call = c.StreamingInputCall((error) => resolve(error.code));
    call.cancel();
  }),
  cancel_after_first_response: (c) => {
    const call = c.FullDuplexCall();
    call.write(asking([SIZES[0]]));
    return follow(call, (stream) => stream.cancel());
  },
  timeout_on_sleeping_server: async (c) => (await follow(c.FullDuplexCall(new grpc.Metadata(), soon(50)))).code,
  custom_metadata: (c) => {
    const metadata = new grpc.Metadata();
    metadata.add('x-grpc-test-echo-initial', 'test_initial_metadata_value');
    metadata.add('x-grpc-test-echo-trailing-bin', Buffer.from([0x0a, 0x0b, 0, 0xff]));
    metadata.add('x-grpc-test-echo-trailing-bin', Buffer.from('two'));
    return unary(c, 'UnaryCall', { response_size: 10 }, metadata);
  },
  status_code_and_message: async (c) => {
    const status = { code: 2, message: 'test status message' };
    const call = c.FullDuplexCall();
    const end = follow(call);
    call.write(asking([7], status));
    call.end();
    return [await unary(c, 'UnaryCall', { response_status: status }), await end];
  },
  special_status_message: (c) => unary(c, 'UnaryCall', {
    response_status: { code: 2, message: '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n' },
  }),
  details: (c) => {
    const metadata = new grpc.Metadata();
    metadata.add('x-test-details', '1');
    return unary(c, 'UnaryCall', { response_status: { code: 9, message: 'not now' } }, metadata);
  },
  unimplemented_method: async (c) => (await unary(c, 'UnimplementedCall', {})).code,
  unimplemented_service: async (c) => (await unary(c.stranger, 'UnimplementedCall', {})).code,
  too_large: async (c) => (await unary(c, 'UnaryCall', { payload: { body: Buffer.alloc(5 << 20) } })).code,
};

const child = spawn(server, [], { stdio: ['pipe', 'pipe', 'inherit'] });
const ports = JSON.parse((await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()).value);
const clients = ['edge', 'oracle'].map((name) => {
  const client = new TestService(`127.0.0.1:${ports[name]}`, grpc.credentials.createInsecure());
  client.stranger = new UnimplementedService(`127.0.0.1:${ports[name]}`, grpc.credentials.createInsecure());
  return client;
});
let failed = 0;
for (const [name, run] of Object.entries(cases)) {
  const [got, expected] = [JSON.stringify(await run(clients[0])), JSON.stringify(await run(clients[1]))];
  if (got !== expected) failed += 1;
  console.log(got === expected ? `ok   ${name}` : `FAIL ${name}: ${got} != ${expected}`);
}
console.log(`${Object.keys(cases).length - failed} of ${Object.keys(cases).length} cases alike`);
for (const client of clients) {
  client.close();
  client.stranger.close();
}
child.stdin.end();
await new Promise((resolve) => { child.once('exit', resolve); });
process.exit(failed === 0 ? 0 : 1);  // connections that linger must not keep the run from ending
