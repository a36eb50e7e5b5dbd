#!/usr/bin/python3
"""A department system in Python: applies for a grant, asks, streams, subscribes, verifies its receipt.

Needs python3-grpcio, python3-protobuf, python3-cryptography, and the contract compiled once:
    protoc -I proto --python_out=GENERATED $(cd proto && find . -name '*.proto')
Usage: PYTHONPATH=GENERATED client.py HUB RESOURCE CONSUMER FIELD,… KEY, with ZQ_CA ZQ_CERT ZQ_KEY and ZQ_VKEY in the
environment. The first field is the key that is asked for. Prints one JSON object.
"""
import json
import os
import queue
import sys

import grpc
from zhanqiao.v1 import access_pb2, exchange_pb2, feed_pb2, receipt_pb2, record_pb2

from proof import verify

REQUESTS = 100


def connect(hub):
    def read(name):
        with open(os.environ[name], "rb") as file:
            return file.read()
    credentials = grpc.ssl_channel_credentials(read("ZQ_CA"), read("ZQ_KEY"), read("ZQ_CERT"))
    return grpc.secure_channel(hub, credentials)


def method(channel, module, service, name):
    """The callable of one RPC, by the contract's own description."""
    rpc = module.DESCRIPTOR.services_by_name[service].methods_by_name[name]
    streams = name in ("QueryStream", "Subscribe")
    make = channel.stream_stream if streams else channel.unary_unary
    return make(f"/zhanqiao.v1.{service}/{name}",
                request_serializer=rpc.input_type._concrete_class.SerializeToString,
                response_deserializer=rpc.output_type._concrete_class.FromString)


def apply(channel, resource, consumer, fields):
    """A grant of an unconditional resource is active at once; others wait for their provider's two approvers."""
    create = method(channel, access_pb2, "AccessService", "CreateGrant")
    submit = method(channel, access_pb2, "AccessService", "SubmitGrant")
    grant = access_pb2.Grant(consumer=consumer, resource=resource, purpose="接口示例",
                             fields=[access_pb2.GrantedField(field=field) for field in fields])
    return submit(access_pb2.SubmitGrantRequest(name=create(access_pb2.CreateGrantRequest(grant=grant)).name))


def question(grant, field, key):
    condition = record_pb2.Condition(field=field, comparison=record_pb2.COMPARISON_EQUALS,
                                     value=record_pb2.Value(text=key))
    return exchange_pb2.QueryRequest(grant=grant.name, conditions=[condition], matter="例-0001")


def stream(channel, asked):
    """Many numbered requests on one stream; answers come in any order, several in a message."""
    requests = (exchange_pb2.QueryStreamRequest(queries=[exchange_pb2.NumberedQuery(number=n, query=asked)])
                for n in range(1, REQUESTS + 1))
    answered = set()
    for message in method(channel, exchange_pb2, "ExchangeService", "QueryStream")(requests):
        for answer in message.answers:
            if answer.HasField("error"):
                raise RuntimeError(answer.error.message)
            answered.add(answer.number)
    return len(answered)


def subscribe(channel, grant):
    """Reads the feed to its end and acknowledges each delivery; the cursor is durable once the hub says so."""
    requests = queue.Queue()
    requests.put(feed_pb2.SubscribeRequest(start=feed_pb2.SubscribeStart(
        grant=grant.name, subscription="python", matter="例-0002")))
    call = method(channel, feed_pb2, "FeedService", "Subscribe")(iter(requests.get, None))
    received, last = [], None
    for message in call:
        if message.HasField("delivery"):
            received += [row.values[0].text for row in message.delivery.records.rows]
            requests.put(feed_pb2.SubscribeRequest(acknowledge=feed_pb2.SubscribeAcknowledge(
                offset=message.delivery.through_offset)))
            if message.delivery.lag == 0:
                last = message.delivery.through_offset
        elif message.HasField("acknowledged") and message.acknowledged.offset == last:
            break
    requests.put(None)  # ends the stream
    return received, last


def main(hub, resource, consumer, fields, key):
    fields = fields.split(",")
    with connect(hub) as channel:
        grant = apply(channel, resource, consumer, fields)
        asked = question(grant, fields[0], key)
        answer = method(channel, exchange_pb2, "ExchangeService", "Query")(asked, timeout=10)
        receipt = method(channel, receipt_pb2, "ReceiptService", "GetReceipt")(
            receipt_pb2.GetReceiptRequest(index=answer.receipt.index))
        index = verify(receipt.entry, receipt.proof, os.environ["ZQ_VKEY"])
        streamed = stream(channel, asked)
        received, acknowledged = subscribe(channel, grant)
    print(json.dumps({"grant": grant.name, "rows": len(answer.records.rows), "streamed": streamed, "received": received,
                      "acknowledged": acknowledged, "verified": index == answer.receipt.index}))


if __name__ == "__main__":
    main(*sys.argv[1:])
