package dev.fovea.detector.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Model input for several frames in one direct buffer, (capacity, 3, H, W) floats in native order,
 * channels R, G, B; made once and filled again and again.
 *
 * <p>Different slots may be filled by different threads; whoever hands the batch on to the engine
 * must do so through something that orders memory (a queue, a future). Nobody may write to it while
 * the engine runs.
 */
public final class ImageBatch {
  private final int capacity;
  private final int widthPx;
  private final int heightPx;
  private final ByteBuffer bytes;
  private final FloatBuffer data;
  private final FloatBuffer[] slots;
  private final @Nullable ImagePlacement[] placements;
  private int size;

  public ImageBatch(int capacity, int widthPx, int heightPx) {
    if (capacity <= 0 || widthPx <= 0 || heightPx <= 0) {
      throw new IllegalArgumentException(
          "a batch needs sizes above 0, not %d of %dx%d".formatted(capacity, widthPx, heightPx));
    }
    this.capacity = capacity;
    this.widthPx = widthPx;
    this.heightPx = heightPx;
    int slotLength = Math.multiplyExact(3, Math.multiplyExact(widthPx, heightPx));
    int length = Math.multiplyExact(Float.BYTES, Math.multiplyExact(slotLength, capacity));
    this.bytes = ByteBuffer.allocateDirect(length).order(ByteOrder.nativeOrder());
    this.data = bytes.asFloatBuffer();
    this.slots = new FloatBuffer[capacity];
    for (int slot = 0; slot < capacity; slot++) {
      slots[slot] = data.slice(slot * slotLength, slotLength);
    }
    this.placements = new ImagePlacement[capacity];
  }

  /** Most frames it can hold. */
  public int capacity() {
    return capacity;
  }

  public int widthPx() {
    return widthPx;
  }

  public int heightPx() {
    return heightPx;
  }

  /** How many of the first slots are filled: what the engine runs. */
  public int size() {
    return size;
  }

  /** Says that the first {@code size} slots are filled. */
  public void setSize(int size) {
    if (size < 0 || size > capacity) {
      throw new IllegalArgumentException("a batch of " + capacity + " cannot hold " + size);
    }
    this.size = size;
  }

  /** The whole buffer, (capacity, 3, H, W); position and limit are nobody's to change. */
  public FloatBuffer data() {
    return data;
  }

  /** The whole buffer as bytes in native order, a view of its own. */
  public ByteBuffer bytes() {
    return bytes.duplicate().order(ByteOrder.nativeOrder());
  }

  /** One slot's floats, (3, H, W); position and limit are nobody's to change. */
  public FloatBuffer slot(int slot) {
    return slots[slot];
  }

  /** How the frame in a slot was placed; the slot must be filled. */
  public ImagePlacement placement(int slot) {
    ImagePlacement placement = placements[slot];
    if (placement == null) {
      throw new IllegalStateException("slot " + slot + " was never filled");
    }
    return placement;
  }

  /** Says how the frame in a slot was placed. */
  public void setPlacement(int slot, ImagePlacement placement) {
    placements[slot] = placement;
  }

  /** Copies a filled slot of a batch of the same input size (which may be this one). */
  public void copyFrom(ImageBatch other, int otherSlot, int slot) {
    if (other.widthPx != widthPx || other.heightPx != heightPx) {
      throw new IllegalArgumentException(
          "a slot of %dx%d does not fit into one of %dx%d"
              .formatted(other.widthPx, other.heightPx, widthPx, heightPx));
    }
    slots[slot].put(0, other.slots[otherSlot], 0, slots[slot].limit());
    placements[slot] = other.placement(otherSlot);
  }
}
