"""Verifies a receipt with the log's verifier key alone: public formats only (C2SP tlog-proof, signed-note; RFC 9162)."""
import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def verify(entry: bytes, proof: str, vkey: str) -> int:
    """The index at which `entry` is in the log that `vkey` signs. Raises ValueError or InvalidSignature otherwise."""
    head, _, checkpoint = proof.partition("\n\n")
    version, index, *hashes = head.split("\n")
    if version != "c2sp.org/tlog-proof@v1" or not index.startswith("index "):
        raise ValueError("not a tlog-proof")
    size, root = open_checkpoint(checkpoint, vkey)
    number = int(index.removeprefix("index "))
    if root_of(entry, number, size, [base64.b64decode(line) for line in hashes]) != root:
        raise ValueError("the entry is not in this tree")
    return number


def open_checkpoint(checkpoint: str, vkey: str) -> tuple[int, bytes]:
    """Size and root of a checkpoint, once its signature by `vkey` (name+id+key) holds."""
    name, key_id, key = vkey.split("+", 2)
    public = base64.b64decode(key)
    if public[0] != 1:
        raise ValueError("not an Ed25519 verifier key")
    body, _, signatures = checkpoint.partition("\n\n")
    for line in signatures.splitlines():
        dash, signer, signature = line.split(" ", 2)
        signature = base64.b64decode(signature)
        if (dash, signer, signature[:4].hex()) == ("\u2014", name, key_id):
            Ed25519PublicKey.from_public_bytes(public[1:]).verify(signature[4:], (body + "\n").encode())
            _, size, root = body.split("\n")[:3]
            return int(size), base64.b64decode(root)
    raise ValueError("the checkpoint is not signed by this key")


def root_of(entry: bytes, index: int, size: int, hashes: list[bytes]) -> bytes:
    """RFC 9162, 2.1.3.2."""
    node, last = index, size - 1
    result = hashlib.sha256(b"\0" + entry).digest()
    for sibling in hashes:
        if last == 0:
            raise ValueError("the proof is too long")
        if node & 1 or node == last:
            result = hashlib.sha256(b"\1" + sibling + result).digest()
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            result = hashlib.sha256(b"\1" + result + sibling).digest()
        node, last = node >> 1, last >> 1
    if last != 0:
        raise ValueError("the proof is too short")
    return result
