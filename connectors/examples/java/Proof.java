import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/** Verifies a receipt with the log's verifier key alone: public formats only (C2SP tlog-proof, signed-note; RFC 9162). */
final class Proof {
  private static final byte[] ED25519_DER = HexFormat.of().parseHex("302a300506032b6570032100");

  private record Head(long size, byte[] root) {}

  private Proof() {}

  /** The index at which {@code entry} is in the log that {@code vkey} (name+id+key) signs. */
  static long verify(byte[] entry, String proof, String vkey) throws GeneralSecurityException {
    String[] parts = proof.split("\n\n", 2);
    List<String> lines = Arrays.asList(parts[0].split("\n"));
    if (!lines.get(0).equals("c2sp.org/tlog-proof@v1") || !lines.get(1).startsWith("index ")) {
      throw new GeneralSecurityException("not a tlog-proof");
    }
    Head head = openCheckpoint(parts[1], vkey);
    long index = Long.parseLong(lines.get(1).substring("index ".length()));
    List<byte[]> hashes = lines.subList(2, lines.size()).stream().map(Base64.getDecoder()::decode).toList();
    if (!Arrays.equals(rootOf(entry, index, head.size(), hashes), head.root())) {
      throw new GeneralSecurityException("the entry is not in this tree");
    }
    return index;
  }

  /** Size and root of a checkpoint, once its signature by {@code vkey} holds. */
  private static Head openCheckpoint(String checkpoint, String vkey) throws GeneralSecurityException {
    String[] key = vkey.split("\\+", 3);
    byte[] encoded = Base64.getDecoder().decode(key[2]);
    if (encoded[0] != 1) {
      throw new GeneralSecurityException("not an Ed25519 verifier key");
    }
    String[] parts = checkpoint.split("\n\n", 2);
    String body = parts[0] + "\n";
    for (String line : parts[1].split("\n")) {
      String[] words = line.split(" ", 3);
      if (!words[0].equals("\u2014") || !words[1].equals(key[0])) {
        continue;
      }
      byte[] signature = Base64.getDecoder().decode(words[2]);
      if (!HexFormat.of().formatHex(signature, 0, 4).equals(key[1])) {
        continue;
      }
      PublicKey signer = KeyFactory.getInstance("Ed25519").generatePublic(
          new X509EncodedKeySpec(join(ED25519_DER, Arrays.copyOfRange(encoded, 1, encoded.length))));
      Signature check = Signature.getInstance("Ed25519");
      check.initVerify(signer);
      check.update(body.getBytes(StandardCharsets.UTF_8));
      if (!check.verify(signature, 4, signature.length - 4)) {
        throw new GeneralSecurityException("wrong signature");
      }
      String[] lines = body.split("\n");
      return new Head(Long.parseLong(lines[1]), Base64.getDecoder().decode(lines[2]));
    }
    throw new GeneralSecurityException("the checkpoint is not signed by this key");
  }

  /** RFC 9162, 2.1.3.2. */
  private static byte[] rootOf(byte[] entry, long index, long size, List<byte[]> hashes) throws GeneralSecurityException {
    long node = index;
    long last = size - 1;
    byte[] result = sha256(new byte[] {0}, entry);
    for (byte[] sibling : hashes) {
      if (last == 0) {
        throw new GeneralSecurityException("the proof is too long");
      }
      if ((node & 1) == 1 || node == last) {
        result = sha256(new byte[] {1}, sibling, result);
        while ((node & 1) == 0 && node != 0) {
          node >>= 1;
          last >>= 1;
        }
      } else {
        result = sha256(new byte[] {1}, result, sibling);
      }
      node >>= 1;
      last >>= 1;
    }
    if (last != 0) {
      throw new GeneralSecurityException("the proof is too short");
    }
    return result;
  }

  private static byte[] sha256(byte[]... parts) throws GeneralSecurityException {
    return MessageDigest.getInstance("SHA-256").digest(join(parts));
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
