// The verifier stands alone: without this its tests would run under the console's configuration one folder up.
export default { test: { include: ["test/**/*.test.ts"] } };
