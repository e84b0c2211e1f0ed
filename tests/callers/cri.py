#!/usr/bin/python3
"""One call of the kubelet's interface: cri.py DESCRIPTORS SOCKET METHOD [REQUEST]

The request is the JSON form of METHOD's message, the answer is printed in the same form. What the
messages consist of is in DESCRIPTORS, which "cri.py CONTAINERD" prints: the program carries them
itself, so no number of a field is written down here. An error is one line, "CODE: DETAILS", and
status 1.
"""
import sys
import zlib

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

PACKAGE = "runtime.v1"
GZIP = b"\x1f\x8b\x08\x00\x00\x00\x00\x00"


def descriptors(program):
    """Every file descriptor in a Go program; each is a gzip stream of its own."""
    with open(program, "rb") as file:
        data = file.read()
    at = data.find(GZIP)
    while at >= 0:
        try:
            raw = zlib.decompressobj(31).decompress(data[at:at + (1 << 20)])
            yield descriptor_pb2.FileDescriptorProto.FromString(raw)
        except (zlib.error, ValueError, RuntimeError):
            pass  # something else
        at = data.find(GZIP, at + 1)


def find(program):
    for file in descriptors(program):
        if file.package != PACKAGE:
            continue
        # options for Go's generator, in a file that is not needed for anything else
        del file.dependency[:]
        for message in file.message_type:
            for field in message.field:
                field.ClearField("options")
        file.ClearField("options")
        return file
    sys.exit(f"{program} has no {PACKAGE}")


def main():
    if len(sys.argv) == 2:
        sys.stdout.buffer.write(find(sys.argv[1]).SerializeToString())
        return
    path, socket, method, *request = sys.argv[1:]
    pool = descriptor_pool.DescriptorPool()
    with open(path, "rb") as stored:
        file = descriptor_pb2.FileDescriptorProto.FromString(stored.read())
    pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    service, kind = next((s, m) for s in file.service for m in s.method if m.name == method)
    asks, answers = (factory.GetPrototype(pool.FindMessageTypeByName(name.lstrip(".")))
                     for name in (kind.input_type, kind.output_type))
    with grpc.insecure_channel(f"unix:{socket}") as channel:
        call = channel.unary_unary(f"/{PACKAGE}.{service.name}/{method}", asks.SerializeToString,
                                   answers.FromString)
        try:
            answer = call(json_format.Parse(request[0] if request else "{}", asks()), timeout=60)
        except grpc.RpcError as error:
            sys.exit(f"{error.code().name}: {error.details()}")
    print(json_format.MessageToJson(answer, including_default_value_fields=True,
                                    preserving_proto_field_name=True))


main()
