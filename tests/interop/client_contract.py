"""The contract as Debian's Python gRPC sees it: the same calls against the edge and grpc::Server, compared.

Usage: /usr/bin/python3 client_contract.py INTEROP_SERVER GENERATED_DIR
"""
import json
import subprocess
import sys
import threading

import grpc

# The generated modules lie under a folder called grpc, which must not hide the library of that name.
sys.path.insert(0, sys.argv[2] + "/grpc/testing")
import empty_pb2  # noqa: E402
import messages_pb2 as m  # noqa: E402

SERVICE = "/grpc.testing.TestService/"


def outcome(call):
    """What a caller can tell: code, message, metadata sent by the service."""
    own = lambda pairs: sorted((k, v) for k, v in (pairs or ()) if k.startswith("x-"))
    try:
        code, text = call.code(), call.details()
    except Exception as error:  # a call object that never began
        return repr(type(error))
    return (code.name, text, own(call.initial_metadata()), own(call.trailing_metadata()))


class Client:
    def __init__(self, port):
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.use_local_subchannel_pool", 1)])
        ser = lambda message: message.SerializeToString()
        self.unary = self.channel.unary_unary(SERVICE + "UnaryCall", ser, m.SimpleResponse.FromString)
        self.empty = self.channel.unary_unary(SERVICE + "EmptyCall", ser, empty_pb2.Empty.FromString)
        self.missing = self.channel.unary_unary(SERVICE + "UnimplementedCall", ser, empty_pb2.Empty.FromString)
        self.stranger = self.channel.unary_unary("/grpc.testing.UnimplementedService/UnimplementedCall", ser,
                                                 empty_pb2.Empty.FromString)
        self.upload = self.channel.stream_unary(SERVICE + "StreamingInputCall", ser,
                                                m.StreamingInputCallResponse.FromString)
        self.download = self.channel.unary_stream(SERVICE + "StreamingOutputCall", ser,
                                                  m.StreamingOutputCallResponse.FromString)
        self.duplex = self.channel.stream_stream(SERVICE + "FullDuplexCall", ser,
                                                 m.StreamingOutputCallResponse.FromString)


def asking(*sizes, status=None):
    return m.StreamingOutputCallRequest(response_parameters=[m.ResponseParameters(size=s) for s in sizes],
                                        response_status=status)


def run_unary(method, request, **options):
    call = method.future(request, **options)
    call.exception()  # waits
    return outcome(call)


def empty_unary(c):
    return run_unary(c.empty, empty_pb2.Empty())


def large_unary(c):
    request = m.SimpleRequest(response_size=314159, payload=m.Payload(body=bytes(271828)))
    return len(c.unary(request).payload.body)


def gzip_unary(c):
    request = m.SimpleRequest(payload=m.Payload(body=b"x" * 100000))
    return len(c.unary(request, compression=grpc.Compression.Gzip).payload.body)


def client_streaming(c):
    requests = (m.StreamingInputCallRequest(payload=m.Payload(body=bytes(s))) for s in (27182, 8, 1828, 45904))
    return c.upload(requests).aggregated_payload_size


def server_streaming(c):
    return [len(r.payload.body) for r in c.download(asking(31415, 9, 2653, 58979))]


def ping_pong(c):
    turn = threading.Semaphore(1)

    def requests():
        for size in (31415, 9, 2653, 58979):
            turn.acquire()
            yield asking(size)

    sizes = []
    for response in c.duplex(requests()):
        sizes.append(len(response.payload.body))
        turn.release()
    return sizes


def empty_stream(c):
    call = c.duplex(iter(()))
    return list(call), outcome(call)


def cancel_after_begin(c):
    never = threading.Event()

    def requests():
        never.wait(20)
        return
        yield

    call = c.upload.future(requests())
    call.cancel()
    never.set()
    return call.code().name


def cancel_after_first_response(c):
    done = threading.Event()

    def requests():
        yield asking(31415)
        done.wait(20)

    call = c.duplex(requests())
    size = len(next(call).payload.body)
    call.cancel()
    done.set()
    return size, call.code().name


def timeout_on_sleeping_server(c):
    done = threading.Event()

    def requests():
        yield asking(0)
        done.wait(20)

    call = c.duplex(requests(), timeout=0.1)
    try:
        for _ in call:
            pass
    except grpc.RpcError:
        pass
    done.set()
    return call.code().name


def custom_metadata(c):
    metadata = (("x-grpc-test-echo-initial", "test_initial_metadata_value"),
                ("x-grpc-test-echo-trailing-bin", b"\x0a\x0b\x00\xff"), ("x-grpc-test-echo-trailing-bin", b"two"))
    return run_unary(c.unary, m.SimpleRequest(response_size=10), metadata=metadata)


def status_code_and_message(c):
    status = m.EchoStatus(code=2, message="test status message")
    call = c.duplex(iter((asking(7, status=status),)))
    try:
        list(call)
    except grpc.RpcError:
        pass
    return run_unary(c.unary, m.SimpleRequest(response_status=status)), outcome(call)


def special_status_message(c):
    status = m.EchoStatus(code=2, message="\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n")
    return run_unary(c.unary, m.SimpleRequest(response_status=status))


def details(c):
    status = m.EchoStatus(code=9, message="not now")
    call = c.unary.future(m.SimpleRequest(response_status=status), metadata=(("x-test-details", "1"),))
    call.exception()
    return sorted(v for k, v in call.trailing_metadata() if k == "grpc-status-details-bin")


def unimplemented_method(c):
    return run_unary(c.missing, empty_pb2.Empty())[0]


def unimplemented_service(c):
    return run_unary(c.stranger, empty_pb2.Empty())[0]


def too_large(c):
    return run_unary(c.unary, m.SimpleRequest(payload=m.Payload(body=bytes(5 << 20))))[0]


CASES = [empty_unary, large_unary, gzip_unary, client_streaming, server_streaming, ping_pong, empty_stream,
         cancel_after_begin, cancel_after_first_response, timeout_on_sleeping_server, custom_metadata,
         status_code_and_message, special_status_message, details, unimplemented_method, unimplemented_service,
         too_large]


def main():
    server = subprocess.Popen([sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    failed = 0
    try:
        ports = json.loads(server.stdout.readline())
        edge, oracle = Client(ports["edge"]), Client(ports["oracle"])
        for case in CASES:
            got, expected = case(edge), case(oracle)
            same = got == expected
            failed += not same
            print(("ok   " if same else "FAIL ") + case.__name__ + ("" if same else f": {got} != {expected}"))
    finally:
        server.stdin.close()
        server.wait(20)
    print(f"{len(CASES) - failed} of {len(CASES)} cases alike")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
