package dev.fovea.ingest.street;

/** A bicycle with its rider; the two are one object. */
final class CyclistModel {
  private static final double WHEEL = 0.34;
  private static final double REAR = -0.52;
  private static final double FRONT = 0.53;
  private static final int SPOKES = 6;

  private final int frame;
  private final int top;
  private final int legs;
  private final int skin;
  private final int helmet;
  private final double size;
  private final double lean;

  CyclistModel(Dice dice) {
    frame = dice.pick(0xB02A2A, 0x2A2C30, 0x2F6FB0, 0xD8D8D8, 0x3E8E5A, 0xE0A020, 0x6A6E74);
    top = dice.pick(0xC03030, 0x2F6FB0, 0x3B8A4E, 0xE2C23A, 0x30343A, 0xE0E0DC, 0xD06A28, 0x7A4A90);
    legs = dice.pick(0x22252C, 0x2E3A55, 0x55504A, 0x1B1B1E);
    skin = dice.pick(0xE7B898, 0xB57D57, 0x6F4630);
    helmet = dice.pick(0xE8E8E6, 0x2A2A2E, 0xC83A30, 0x3A70B0, 0x3A281C, 0x1E1814);
    size = dice.between(0.97, 1.08);
    lean = dice.between(0.16, 0.42);
  }

  /**
   * @param phase radians the pedals have turned
   * @param roll radians the wheels have turned
   */
  void sketch(
      Sketch sketch, Pose pose, Light light, double shade, double phase, double roll, boolean lit) {
    shadow(sketch, pose, light, shade);
    Painter painter = new Painter(sketch, pose, light, shade);
    boolean rightFirst = painter.isFarther(0.2, -0.2);
    int far = rightFirst ? 1 : -1;
    double[] saddle = painter.at(0, 0.93 * size, -0.22);
    double[] hip = painter.at(0, 0.98 * size, -0.20);
    double[] shoulder = painter.at(0, 1.47 * size, -0.20 + lean);
    double[] crank = painter.at(0, 0.30, -0.08);
    leg(painter, far, phase);
    arm(painter, far);
    wheel(sketch, painter, REAR, roll);
    wheel(sketch, painter, FRONT, roll);
    frame(painter, crank, saddle);
    leg(painter, -far, phase);
    painter.blob(
        new double[] {
          hip[0],
          hip[1],
          hip[2],
          0.115,
          shoulder[0],
          shoulder[1],
          shoulder[2],
          0.105,
          painter.at(0.12, 1.44 * size, -0.2 + lean)[0],
          1.44 * size,
          painter.at(0.12, 1.44 * size, -0.2 + lean)[2],
          0.07,
          painter.at(-0.12, 1.44 * size, -0.2 + lean)[0],
          1.44 * size,
          painter.at(-0.12, 1.44 * size, -0.2 + lean)[2],
          0.07
        },
        top,
        1);
    head(painter);
    arm(painter, -far);
    if (lit) {
      lamps(sketch, painter, light);
    }
  }

  private void frame(Painter painter, double[] crank, double[] saddle) {
    double[] head = painter.at(0, 0.86, 0.34);
    double[] rear = painter.at(0, WHEEL, REAR);
    double[] front = painter.at(0, WHEEL, FRONT);
    double[] bars = painter.at(0, 1.02, 0.36);
    painter.capsule(crank, 0.022, rear, 0.018, frame, 0.9);
    painter.capsule(rear, 0.016, saddle, 0.018, frame, 1);
    painter.capsule(crank, 0.024, saddle, 0.020, frame, 1);
    painter.capsule(crank, 0.026, head, 0.026, frame, 1.05);
    painter.capsule(painter.at(0, 0.80, -0.18), 0.022, head, 0.022, frame, 1.1);
    painter.capsule(front, 0.018, bars, 0.020, frame, 1);
    painter.capsule(
        painter.at(-0.26, 1.03, 0.38), 0.020, painter.at(0.26, 1.03, 0.38), 0.020, 0x26272A, 1);
    painter.capsule(
        painter.at(0, 0.93, -0.32), 0.045, painter.at(0, 0.94, -0.12), 0.025, 0x1C1C1E, 1);
    painter.capsule(crank, 0.07, crank, 0.07, 0x4A4C50, 1);
  }

  private void wheel(Sketch sketch, Painter painter, double forward, double roll) {
    int tyre = painter.lit(0x1C1D20, painter.at(0, WHEEL, forward));
    int steel = painter.lit(0x9DA2A8, painter.at(0, WHEEL, forward));
    for (int i = 0; i < SPOKES; i++) {
      double angle = roll + i * Math.PI / SPOKES;
      double dy = Math.sin(angle) * WHEEL * 0.95;
      double dz = Math.cos(angle) * WHEEL * 0.95;
      sketch.capsule(
          painter.at(0, WHEEL + dy, forward + dz),
          0.006,
          painter.at(0, WHEEL - dy, forward - dz),
          0.006,
          steel,
          steel);
    }
    ring(sketch, painter, forward, tyre);
  }

  private static void ring(Sketch sketch, Painter painter, double forward, int colour) {
    int steps = 18;
    // Seen along its plane a ring has no area, but a tyre has: its tread, front and back.
    for (int end = -1; end <= 1; end += 2) {
      double[] high = painter.at(0, WHEEL + WHEEL * 0.8, forward + end * WHEEL * 0.55);
      double[] low = painter.at(0, WHEEL - WHEEL * 0.8, forward + end * WHEEL * 0.55);
      double[] middle = painter.at(0, WHEEL, forward + end * (WHEEL - 0.02));
      sketch.capsule(high, 0.020, middle, 0.020, colour, colour);
      sketch.capsule(middle, 0.020, low, 0.020, colour, colour);
    }
    for (int side = -1; side <= 1; side += 2) {
      double[] xyz = new double[3 * (2 * steps + 2)];
      for (int i = 0; i <= steps; i++) {
        double angle = 2 * Math.PI * i / steps;
        double inner = WHEEL - 0.055;
        double[] out =
            painter.at(
                side * 0.018, WHEEL + Math.sin(angle) * WHEEL, forward + Math.cos(angle) * WHEEL);
        double[] in =
            painter.at(
                side * 0.018, WHEEL + Math.sin(angle) * inner, forward + Math.cos(angle) * inner);
        System.arraycopy(out, 0, xyz, 3 * i, 3);
        System.arraycopy(in, 0, xyz, 3 * (2 * steps + 1 - i), 3);
      }
      sketch.surface(xyz, colour);
    }
  }

  /** Hip to pedal; the knee is where thigh and shin of fixed length meet. */
  private void leg(Painter painter, int side, double phase) {
    double turn = phase + (side > 0 ? 0 : Math.PI);
    double pedalY = 0.30 + 0.17 * Math.sin(turn);
    double pedalZ = -0.08 + 0.17 * Math.cos(turn);
    double hipY = 0.98 * size;
    double hipZ = -0.20;
    double ankleY = pedalY + 0.09;
    double ankleZ = pedalZ - 0.04;
    double dy = ankleY - hipY;
    double dz = ankleZ - hipZ;
    double reach = Math.min(0.86 * size, Math.sqrt(dy * dy + dz * dz));
    double bone = 0.435 * size;
    double out = Math.sqrt(Math.max(0, bone * bone - reach * reach / 4));
    double kneeY = hipY + dy / 2 + dz / reach * out;
    double kneeZ = hipZ + dz / 2 - dy / reach * out;
    double x = side * 0.10;
    double[] knee = painter.at(x, kneeY, kneeZ);
    double[] ankle = painter.at(x, ankleY, ankleZ);
    double tone = side > 0 ? 1 : 0.92;
    painter.capsule(painter.at(x * 0.9, hipY, hipZ), 0.088, knee, 0.062, legs, tone);
    painter.capsule(knee, 0.062, ankle, 0.042, legs, tone * 0.9);
    painter.capsule(ankle, 0.042, painter.at(x, pedalY + 0.02, pedalZ + 0.12), 0.030, 0x232326, 1);
  }

  private void arm(Painter painter, int side) {
    double[] from = painter.at(side * 0.17, 1.44 * size, -0.2 + lean);
    double[] elbow = painter.at(side * 0.25, 1.20, 0.02 + lean * 0.7);
    double[] hand = painter.at(side * 0.23, 1.05, 0.37);
    painter.capsule(from, 0.056, elbow, 0.045, top, 0.92);
    painter.capsule(elbow, 0.044, hand, 0.036, top, 0.86);
    painter.capsule(hand, 0.038, hand, 0.038, skin, 1);
  }

  private void head(Painter painter) {
    double y = 1.66 * size;
    double z = -0.14 + lean;
    double[] face = painter.at(0, y, z + 0.02);
    double[] crown = painter.at(0, y + 0.04, z - 0.02);
    painter.capsule(painter.at(0, y - 0.14, z - 0.05), 0.05, face, 0.06, skin, 0.85);
    painter.capsule(face, 0.10, face, 0.10, skin, 1);
    painter.capsule(crown, 0.115, painter.at(0, y + 0.05, z - 0.06), 0.10, helmet, 1);
    if (painter.facesCamera()) {
      double[] chin = painter.at(0, y - 0.03, z + 0.06);
      painter.capsule(face, 0.085, chin, 0.07, skin, 1);
    }
  }

  private static void lamps(Sketch sketch, Painter painter, Light light) {
    double night = Light.smooth(0.25, 0.9, light.night);
    double[] lamp = painter.facesCamera() ? painter.at(0, 0.95, 0.48) : painter.at(0, 0.8, -0.5);
    int colour = painter.facesCamera() ? 0xFFF3D0 : 0xFF3020;
    sketch.capsule(lamp, 0.04, lamp, 0.04, colour, colour);
    sketch.glow(lamp[0], lamp[1], lamp[2], 0.28, 1, colour, 0.6 * night);
  }

  private void shadow(Sketch sketch, Pose pose, Light light, double shade) {
    sketch.shadow(PersonModel.ellipse(pose, 0.22, 0.95), 0.22f);
    sketch.shadow(PersonModel.ellipse(pose, 0.12, 0.85), 0.22f);
    double strength = light.sun * (1 - shade);
    if (strength > 0.05) {
      double[][] outline = {
        {0, 0, -0.85},
        {0, 0, 0.85},
        {0.2, 1.4, 0},
        {-0.2, 1.4, 0},
        {0, 1.75, 0.1},
        {0, 0.68, 0.5},
        {0, 0.68, -0.5}
      };
      sketch.shadow(GroundShadow.of(outline, pose, light), (float) (0.30 * strength));
    }
  }
}
