package dev.fovea.trainer.weights;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.razorvine.pickle.IObjectConstructor;
import net.razorvine.pickle.Opcodes;
import net.razorvine.pickle.PickleException;
import net.razorvine.pickle.Unpickler;
import org.jspecify.annotations.Nullable;

/**
 * Unpickles dictionaries of tensors and nothing else. A pickle is a program: it may name any class
 * and call it. Here it may name those that PyTorch's tensors are made of; every other name, and
 * every instruction that {@code torch.save} does not write, is refused.
 */
final class TensorUnpickler extends Unpickler {
  /** Instructions that the library executes as they are: none allocates by a length it reads. */
  private static final Set<Short> HARMLESS =
      Set.of(
          Opcodes.PROTO,
          Opcodes.STOP,
          Opcodes.MARK,
          Opcodes.NONE,
          Opcodes.NEWTRUE,
          Opcodes.NEWFALSE,
          Opcodes.BININT,
          Opcodes.BININT1,
          Opcodes.BININT2,
          Opcodes.LONG1,
          Opcodes.BINFLOAT,
          Opcodes.EMPTY_DICT,
          Opcodes.EMPTY_LIST,
          Opcodes.EMPTY_TUPLE,
          Opcodes.APPEND,
          Opcodes.APPENDS,
          Opcodes.TUPLE,
          Opcodes.TUPLE1,
          Opcodes.TUPLE2,
          Opcodes.TUPLE3,
          Opcodes.BINGET,
          Opcodes.LONG_BINGET,
          Opcodes.BINPUT,
          Opcodes.LONG_BINPUT,
          Opcodes.REDUCE,
          Opcodes.BINPERSID);

  private final Path file;
  private final ByteOrder order;
  private final Storages storages;
  private final Map<String, IObjectConstructor> constructors = new HashMap<>();

  /** Where the storages' bytes are. */
  interface Storages {
    /**
     * Finds one.
     *
     * @param bytes how many it must have
     * @throws IOException if it has not
     */
    Storage find(String key, long bytes) throws IOException;
  }

  TensorUnpickler(Path file, ByteOrder order, Storages storages) {
    this.file = file;
    this.order = order;
    this.storages = storages;
    constructors.put("collections.OrderedDict", TensorUnpickler::orderedDict);
    constructors.put("torch._utils._rebuild_tensor_v2", this::tensor);
    constructors.put("torch._utils._rebuild_parameter", TensorUnpickler::parameter);
    for (ElementType type : ElementType.values()) {
      constructors.put("torch." + type.torchStorage(), new StorageType(type));
    }
  }

  /**
   * What was pickled: maps, lists, numbers, texts and {@link StoredTensor}s.
   *
   * @throws WeightsException naming what is refused or damaged
   */
  @Nullable Object load(byte[] pickle) throws IOException {
    try {
      return load(new ByteArrayInputStream(pickle));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (Refusal e) {
      throw new WeightsException(file, String.valueOf(e.getMessage()), e);
    } catch (IOException | RuntimeException e) {
      throw new WeightsException(file, "its data.pkl is damaged: " + e, e);
    }
  }

  /** A rule that is broken, through the library's own methods. */
  private static final class Refusal extends PickleException {
    private static final long serialVersionUID = 1L;

    Refusal(String rule) {
      super(rule);
    }
  }

  @Override
  protected Object dispatch(short opcode) throws IOException {
    if (HARMLESS.contains(opcode)) {
      return super.dispatch(opcode);
    }
    switch (opcode) {
      case Opcodes.GLOBAL -> stack.add(constructor(line() + "." + line()));
      case Opcodes.BINUNICODE -> stack.add(text());
      case Opcodes.SETITEM -> {
        Object value = stack.pop();
        put(Arrays.asList(stack.pop(), value));
      }
      case Opcodes.SETITEMS -> put(stack.pop_all_since_marker());
      // The attributes of an OrderedDict: PyTorch keeps its modules' versions there.
      case Opcodes.BUILD -> stack.pop();
      default ->
          throw new Refusal(
              "its data.pkl has the instruction 0x%02x, which torch.save does not write for weights"
                  .formatted(opcode));
    }
    return NO_RETURN_VALUE;
  }

  private IObjectConstructor constructor(String name) {
    IObjectConstructor constructor = constructors.get(name);
    if (constructor == null) {
      throw new Refusal(
          ("holds a %s; only tensors are read: save the model's state_dict() alone with"
                  + " torch.save")
              .formatted(printable(name)));
    }
    return constructor;
  }

  /** A name out of the file, fit to be shown. */
  private static String printable(String name) {
    String clean = name.replaceAll("[^\\x20-\\x7e]", "?");
    return clean.length() <= 100 ? clean : clean.substring(0, 100) + "…";
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = input.read(); c != '\n'; c = input.read()) {
      if (c < 0) {
        throw new EOFException("ends within a name");
      }
      line.append((char) c);
    }
    return line.toString();
  }

  private String text() throws IOException {
    byte[] length = input.readNBytes(4);
    if (length.length < 4) {
      throw new EOFException("ends within a text");
    }
    long bytes =
        Integer.toUnsignedLong(ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getInt());
    if (bytes > input.available()) {
      throw new EOFException("has a text of %d bytes where it ends".formatted(bytes));
    }
    return new String(input.readNBytes((int) bytes), StandardCharsets.UTF_8);
  }

  private void put(List<Object> keysAndValues) {
    @SuppressWarnings("unchecked")
    Map<Object, Object> map = (Map<Object, Object>) stack.peek();
    for (int i = 0; i < keysAndValues.size(); i += 2) {
      Object key = keysAndValues.get(i);
      if (!(key instanceof String || key instanceof Number)) {
        throw new Refusal("holds a dictionary with keys other than texts and numbers");
      }
      if (map.put(key, keysAndValues.get(i + 1)) != null) {
        throw new Refusal("holds the key %s twice".formatted(printable(key.toString())));
      }
    }
  }

  private static Object orderedDict(Object[] arguments) {
    if (arguments.length != 0) {
      throw new Refusal("holds an OrderedDict that is made of something");
    }
    return new HashMap<>();
  }

  /** {@code _rebuild_parameter(data, requires_grad, backward_hooks)}: its tensor. */
  private static Object parameter(Object[] arguments) {
    return arguments[0];
  }

  /** {@code _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks)}. */
  private Object tensor(Object[] arguments) {
    SavedStorage saved = (SavedStorage) arguments[0];
    List<Integer> shape = new ArrayList<>();
    for (Object side : (Object[]) arguments[2]) {
      shape.add(Math.toIntExact(number(side)));
    }
    List<Long> strides = new ArrayList<>();
    for (Object stride : (Object[]) arguments[3]) {
      strides.add(number(stride));
    }
    try {
      return new StoredTensor(
          saved.type, order, shape, strides, number(arguments[1]), saved.storage);
    } catch (IllegalArgumentException e) {
      throw new Refusal("a tensor in storage %s %s".formatted(saved.key, e.getMessage()));
    }
  }

  private static long number(Object value) {
    if (value instanceof Integer || value instanceof Long) {
      return ((Number) value).longValue();
    }
    throw new Refusal("holds a tensor with a side or stride that is no number");
  }

  /** A class of storages; it is named, never called. */
  private record StorageType(ElementType type) implements IObjectConstructor {
    @Override
    public Object construct(Object[] arguments) {
      throw new Refusal("makes a storage itself");
    }
  }

  private record SavedStorage(String key, ElementType type, Storage storage) {}

  /** {@code ("storage", class, key, device, number of values)}. */
  @Override
  protected Object persistentLoad(Object id) {
    Object[] parts = (Object[]) id;
    if (parts.length != 5 || !"storage".equals(parts[0])) {
      throw new Refusal("refers to something that is no storage");
    }
    ElementType type = ((StorageType) parts[1]).type;
    String key = (String) parts[2];
    try {
      long bytes = Math.multiplyExact(number(parts[4]), (long) type.bytes());
      return new SavedStorage(printable(key), type, storages.find(key, bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
