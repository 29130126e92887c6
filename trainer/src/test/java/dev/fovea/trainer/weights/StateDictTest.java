package dev.fovea.trainer.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.trainer.Golden;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files that PyTorch 1.13 and safetensors wrote (torchvision_golden.py small), damaged ones, and
 * ones that mean harm.
 */
class StateDictTest {
  @TempDir Path folder;

  /** Every type and shape, alone or beside a training script's other things. */
  @ParameterizedTest
  @ValueSource(strings = {"torch-small.pth", "torch-training.pth", "small.safetensors"})
  void everyFloatingPointTypeIsRead(String name) throws Exception {
    try (StateDict weights = StateDict.open(Golden.file(name))) {
      float[] thirds = {0, 1 / 3f, 2 / 3f, 1, 4 / 3f, 5 / 3f};
      assertThat(weights.read("float", List.of(2, 3))).containsExactly(thirds);
      assertThat(weights.read("double", List.of(2, 3))).containsExactly(thirds);
      assertThat(weights.read("half", List.of(6)))
          .containsExactly(0.25f, -1.5f, 65504, 0x1p-24f, 168 * 0x1p-24f, -0.0f);
      assertThat(weights.read("bfloat16", List.of(4)))
          .containsExactly(0.25f, -1.5f, 0x1.c4p127f, 0x1.b4p-127f);
      assertThat(weights.read("scalar", List.of())).containsExactly(2.5f);
      assertThat(weights.read("empty", List.of(0, 3))).isEmpty();
      assertThatThrownBy(() -> weights.read("counter", List.of()))
          .isInstanceOf(WeightsException.class)
          .hasMessage(Golden.file(name) + ": counter holds I64, not floating-point numbers");
      assertThatThrownBy(() -> weights.read("float", List.of(3, 2)))
          .hasMessage(Golden.file(name) + ": float must be [3, 2], not [2, 3]");
      assertThatThrownBy(() -> weights.read("nothing", List.of(1)))
          .hasMessage(Golden.file(name) + ": the key nothing is missing");
    }
  }

  @Test
  void viewsOfASharedStorageAreRead() throws Exception {
    try (StateDict weights = StateDict.open(Golden.file("torch-small.pth"))) {
      assertThat(weights.read("rows", List.of(2, 4))).containsExactly(4, 5, 6, 7, 8, 9, 10, 11);
      assertThat(weights.read("column", List.of(3))).containsExactly(2, 6, 10);
      assertThat(weights.read("transposed", List.of(4, 3)))
          .containsExactly(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11);
      assertThat(weights.read("expanded", List.of(2, 3))).containsExactly(7, 7, 7, 7, 7, 7);
      assertThat(weights.read("parameter", List.of(2))).containsExactly(1, 1);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "torch-device.pth | holds a torch.device; only tensors are read",
        "torch-legacy.pth | format from before 1.6, which is not read; convert it once: python3 -c"
      })
  void whatIsNotReadIsSaidWithWhatToDo(String name, String message) {
    assertThatThrownBy(() -> StateDict.open(Golden.file(name)))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"torch-small.pth", "small.safetensors"})
  void aFileCutShortAnywhereIsRefused(String name) throws Exception {
    byte[] whole = Files.readAllBytes(Golden.file(name));
    Path cut = folder.resolve("cut.pth");
    for (int length = 0; length < whole.length; length += 7) {
      Files.write(cut, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> StateDict.open(cut).close())
          .isInstanceOf(WeightsException.class)
          .hasMessageStartingWith(cut + ": ");
    }
  }

  /** Whatever bytes are wrong: read or refused, never anything else. */
  @ParameterizedTest
  @ValueSource(strings = {"torch-small.pth", "small.safetensors"})
  void aDamagedFileIsReadOrRefused(String name) throws Exception {
    byte[] whole = Files.readAllBytes(Golden.file(name));
    Path damaged = folder.resolve("damaged.pth");
    Random random = new Random(5);
    int refused = 0;
    for (int round = 0; round < 1_000; round++) {
      byte[] bytes = whole.clone();
      for (int i = 0; i <= round % 3; i++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      Files.write(damaged, bytes);
      try (StateDict weights = StateDict.open(damaged)) {
        for (String key : weights.keys()) {
          weights.read(key, weights.shape(key));
        }
      } catch (WeightsException e) {
        refused++;
      }
    }
    assertThat(refused).isBetween(100, 1_000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // os.system("true"), as every text on unsafe pickles has it.
        "cos\\nsystem\\n(X\\x04\\0\\0\\0truetR. | holds a os.system; only tensors are read",
        "c__builtin__\\neval\\n(X\\x01\\0\\0\\0" + "1tR. | holds a __builtin__.eval",
        // A text of 2 GB in a few bytes, and other instructions with lengths of their own.
        "}X\\xff\\xff\\xff\\x7f. | has a text of 2147483647 bytes where it ends",
        "}B\\xff\\xff\\xff\\x7f. | the instruction 0x42",
        "}\\x8b\\xff\\xff\\xff\\x7f. | the instruction 0x8b",
        "ios\\nsystem\\n. | the instruction 0x69",
        "]. | holds no state dict",
        "}K\\x01K\\x02s. | what is at the key 1 is no tensor",
        "}}K\\x02s. | keys other than texts and numbers",
        "}q\\0h\\0h\\0s. | keys other than texts and numbers",
        "s. | is damaged",
        "} | is damaged",
        "h\\x09. | is damaged",
        "ctorch\\nFloatStorage\\n)R. | makes a storage itself",
        "ccollections\\nOrderedDict\\n(K\\x01tR. | OrderedDict that is made of something"
      })
  void aPickleThatDoesMoreThanHoldTensorsIsRefused(String pickle, String message) throws Exception {
    Path file = zip(entry("a/data.pkl", bytes("\\x80\\x02" + pickle)));

    assertThatThrownBy(() -> StateDict.open(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "FloatStorage | 0 | 2 | K\\x00 | K\\x02 | K\\x01 | lacks its entry a/data/0",
        "FloatStorage | 7 | 2 | K\\x00 | K\\x02 | K\\x01 | storage 7 has 8 bytes, and must have 16",
        "ByteStorage | 7 | 8 | K\\x00 | K\\x09 | K\\x01 | reaches beyond its storage",
        "ByteStorage | 7 | 8 | K\\x01 | K\\x08 | K\\x01 | reaches beyond its storage",
        "ByteStorage | 7 | 8 | K\\x00 | K\\x05 | K\\x02 | reaches beyond its storage",
        "ByteStorage | 7 | 8 | K\\x00 | K\\x02 | J\\xff\\xff\\xff\\xff | has a negative stride",
        "ByteStorage | 7 | 8 | J\\xff\\xff\\xff\\xff | K\\x02 | K\\x01 | begins before its storage",
        "ByteStorage | 7 | 8 | K\\x00 | J\\xff\\xff\\xff\\xff | K\\x01 | has a negative side",
        "ByteStorage | 7 | 8 | K\\x00 | K\\x03 | \\x8a\\x08\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x7f"
            + " | beyond all bounds",
        "ByteStorage | 7 | 8 | K\\x00 | G\\0\\0\\0\\0\\0\\0\\0\\0 | K\\x01 | that is no number",
        "CudaStorage | 7 | 8 | K\\x00 | K\\x02 | K\\x01 | holds a torch.CudaStorage"
      })
  void aViewBeyondItsStorageIsRefused(
      String type, String key, int count, String offset, String side, String stride, String message)
      throws Exception {
    String storage =
        "(X\\x07\\0\\0\\0storagectorch\\n%s\\nX\\x01\\0\\0\\0%sX\\x03\\0\\0\\0cpuK%ctQ"
            .formatted(type, key, count == 2 ? 4 : count);
    String tensor =
        "ctorch._utils\\n_rebuild_tensor_v2\\n(%s%s%s\\x85%s\\x85\\x89NtR"
            .formatted(storage, offset, side, stride);
    Path file =
        zip(
            entry("a/data.pkl", bytes("\\x80\\x02}X\\x01\\0\\0\\0w" + tensor + "s.")),
            entry("a/data/7", new byte[8]));

    assertThatThrownBy(() -> StateDict.open(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aBombIsNotUnpacked() throws Exception {
    Path file = folder.resolve("bomb.pth");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry("a/data.pkl"));
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 100; i++) {
        zip.write(zeros);
      }
    }
    assertThat(file).satisfies(f -> assertThat(Files.size(f)).isLessThan(1 << 20));
    assertThatThrownBy(() -> StateDict.open(file)).hasMessageContaining("is compressed");
  }

  @Test
  void otherZipsAreToldApart() throws Exception {
    Path jar = zip(entry("META-INF/MANIFEST.MF", new byte[0]));
    assertThatThrownBy(() -> StateDict.open(jar)).hasMessageContaining("no .pth of PyTorch");
    Path script = zip(entry("a/data.pkl", bytes(".")), entry("a/constants.pkl", bytes(".")));
    assertThatThrownBy(() -> StateDict.open(script)).hasMessageContaining("TorchScript");
    Path text = Files.writeString(folder.resolve("text"), "<html>not found</html>");
    assertThatThrownBy(() -> StateDict.open(text)).hasMessageContaining("neither");
    assertThatThrownBy(() -> StateDict.open(folder.resolve("none")))
        .hasMessageContaining("there is no such file");
  }

  @Test
  void bigEndianIsHonoured() throws Exception {
    byte[] pickle =
        bytes(
            "\\x80\\x02}X\\x01\\0\\0\\0wctorch._utils\\n_rebuild_tensor_v2\\n"
                + "((X\\x07\\0\\0\\0storagectorch\\nFloatStorage\\nX\\x01\\0\\0\\0"
                + "0X\\x03\\0\\0\\0cpuK\\x02tQK\\0K\\x02\\x85K\\x01\\x85\\x89NtRs.");
    byte[] numbers = ByteBuffer.allocate(8).putFloat(1.5f).putFloat(-2).array();
    Path big =
        zip(
            entry("a/data.pkl", pickle),
            entry("a/byteorder", bytes("big")),
            entry("a/data/0", numbers));
    try (StateDict weights = StateDict.open(big)) {
      assertThat(weights.read("w", List.of(2))).containsExactly(1.5f, -2);
    }
    Path odd = zip(entry("a/data.pkl", pickle), entry("a/byteorder", bytes("middle")));
    assertThatThrownBy(() -> StateDict.open(odd)).hasMessageContaining("byte order \"middle\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}} | 8 | ",
        "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}} | 4 | damaged or cut short",
        "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}} | 9 | 1 bytes after its last",
        "{'w':{'dtype':'F32','shape':[2],'data_offsets':[4,12]}} | 12 | begins at byte 4",
        "{'w':{'dtype':'F32','shape':[3],'data_offsets':[0,8]}} | 8 | ",
        "{'w':{'dtype':'F8','shape':[2],'data_offsets':[0,8]}} | 8 | dtype \"F8\"",
        "{'w':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}} | 8 | has the side -2",
        "{'w':{'dtype':'F32','shape':[1e3],'data_offsets':[0,8]}} | 8 | has the side 1000.0",
        "{'w':{'dtype':'F32','shape':[2147483647,2147483647,2147483647],'data_offsets':[0,8]}} | 8"
            + " | w ",
        "{'w':{'dtype':'F32','data_offsets':[0,8]}} | 8 | w has no shape",
        "{'w':{'dtype':'F32','shape':[2]}} | 8 | w has no data_offsets",
        "{'w':1,'w':2} | 0 | Duplicate",
        "{'w':7} | 0 | w has no data_offsets",
        "{} x | 0 | its header is no JSON"
      })
  void aSafetensorsHeaderMustFitItsBytes(String header, int dataBytes, String message)
      throws Exception {
    byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).array());
    bytes.writeBytes(json);
    bytes.writeBytes(new byte[dataBytes]);
    Path file = Files.write(folder.resolve("w.safetensors"), bytes.toByteArray());
    if (message == null && header.contains("[2]")) {
      try (StateDict weights = StateDict.open(file)) {
        assertThat(weights.read("w", List.of(2))).containsExactly(0, 0);
      }
    } else {
      assertThatThrownBy(() -> StateDict.open(file))
          .isInstanceOf(WeightsException.class)
          .hasMessageStartingWith(file + ": ")
          .hasMessageContaining(message == null ? "reaches beyond its storage" : message);
    }
  }

  /** A file in a zip. */
  private static final class Entry {
    private final String name;
    private final byte[] bytes;

    Entry(String name, byte[] bytes) {
      this.name = name;
      this.bytes = bytes;
    }
  }

  private static Entry entry(String name, byte[] bytes) {
    return new Entry(name, bytes);
  }

  /** As torch.save writes them: stored. */
  private Path zip(Entry... entries) throws IOException {
    Path file = Files.createTempFile(folder, "made", ".pth");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.setMethod(ZipOutputStream.STORED);
      for (Entry each : entries) {
        ZipEntry entry = new ZipEntry(each.name);
        CRC32 crc = new CRC32();
        crc.update(each.bytes);
        entry.setSize(each.bytes.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(each.bytes);
      }
    }
    return file;
  }

  /** Bytes from a text with Python's \n, \0 and \xNN in it. */
  private static byte[] bytes(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) != '\\') {
        bytes.write(text.charAt(i));
      } else if (text.charAt(++i) == 'x') {
        bytes.write(Integer.parseInt(text.substring(i + 1, i + 3), 16));
        i += 2;
      } else {
        bytes.write(text.charAt(i) == 'n' ? '\n' : 0);
      }
    }
    return bytes.toByteArray();
  }
}
