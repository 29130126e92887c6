package dev.fovea.ingest.street;

/** A pedestrian: a jointed figure in clothes, walking or standing. */
final class PersonModel {
  private static final int[] TOPS = {
    0xB23A3A, 0x2F5FA0, 0x3E7D4F, 0xD0A63A, 0x6A4C93, 0x2B2F36, 0x8A8F96, 0xE4E1D8, 0xC96A2F,
    0x1F6F78, 0xA24A72, 0x5C4A3A, 0x30405A, 0xD9C7A0
  };
  private static final int[] LEGS = {
    0x2A3040, 0x1F2024, 0x4A5568, 0x6B5B47, 0x8B8F94, 0x3B3A3C, 0x27406B, 0xA89B82
  };
  private static final int[] SKINS = {0xE7B898, 0xD29A75, 0xB57D57, 0x8D5A3B, 0x5F3C28, 0xF0C8A8};
  private static final int[] HAIRS = {0x1E1814, 0x3A281C, 0x5E3F25, 0x9A7444, 0xB9B4AC, 0x6B2E1C};

  private final double height;
  private final double build;
  private final int top;
  private final int legs;
  private final int skin;
  private final int hair;
  private final int shoes;
  private final boolean longHair;
  private final boolean hat;
  private final boolean bag;
  private final int bagColour;

  /** 0 trousers, 1 coat to the knee, 2 skirt. */
  private final int cut;

  PersonModel(Dice dice) {
    height = dice.chance(0.12) ? dice.between(1.15, 1.4) : 1.71 + dice.normal() * 0.085;
    build = dice.between(0.92, 1.18);
    top = Colours.mix(dice.pick(TOPS), 0x808080, dice.between(0, 0.2));
    legs = dice.pick(LEGS);
    skin = dice.pick(SKINS);
    hair = dice.pick(HAIRS);
    shoes = dice.pick(0x1B1B1D, 0x3A2A20, 0xD8D8D4, 0x5A5A60);
    longHair = dice.chance(0.35);
    hat = dice.chance(0.18);
    bag = dice.chance(0.3);
    bagColour = dice.pick(0x2B2B30, 0x6B4A2E, 0x7A2430, 0x3A4F3A);
    double dress = dice.unit();
    cut = dress < 0.68 ? 0 : dress < 0.86 ? 1 : 2;
  }

  /**
   * @param phase radians of the step; one turn is two steps
   * @param gait 0 stands, 1 walks
   */
  void sketch(Sketch sketch, Pose pose, Light light, double shade, double phase, double gait) {
    shadow(sketch, pose, light, shade);
    Painter painter = new Painter(sketch, pose, light, shade);
    double bob = 0.012 * height * gait * Math.abs(Math.cos(phase));
    double hip = height * 0.50 + bob;
    double shoulder = height * 0.815 + bob;
    boolean rightFirst = painter.isFarther(0.2, -0.2);
    int far = rightFirst ? 1 : -1;
    leg(painter, far, phase, gait, hip, 0.86);
    arm(painter, far, phase, gait, shoulder, 0.84);
    leg(painter, -far, phase, gait, hip, 1);
    if (bag && !painter.facesCamera()) {
      torso(painter, hip, shoulder);
      backpack(painter, shoulder);
    } else {
      if (bag) {
        backpack(painter, shoulder);
      }
      torso(painter, hip, shoulder);
    }
    head(painter, bob);
    arm(painter, -far, phase, gait, shoulder, 1);
  }

  private void leg(Painter painter, int side, double phase, double gait, double hip, double tone) {
    double swing = Math.sin(phase + (side > 0 ? 0 : Math.PI));
    double lift = Math.max(0, Math.cos(phase + (side > 0 ? 0 : Math.PI)));
    double thigh = 0.42 * swing * gait;
    double shin = thigh - 0.75 * lift * gait - 0.05;
    double upper = height * 0.245;
    double across = side * height * 0.052 * build;
    double kneeZ = Math.sin(thigh) * upper;
    double kneeY = hip - Math.cos(thigh) * upper;
    double ankleZ = kneeZ + Math.sin(shin) * upper;
    double ankleY = Math.max(height * 0.03, kneeY - Math.cos(shin) * upper + height * 0.02);
    double[] hipAt = painter.at(across, hip, 0);
    double[] knee = painter.at(across, kneeY, kneeZ);
    double[] ankle = painter.at(across * 0.9, ankleY, ankleZ);
    double[] toe =
        painter.at(
            across, Math.max(height * 0.018, ankleY - height * 0.018), ankleZ + height * 0.09);
    int cloth = cut == 2 ? skin : legs;
    painter.capsule(hipAt, height * 0.052 * build, knee, height * 0.040, cloth, tone);
    painter.capsule(knee, height * 0.040, ankle, height * 0.027, cloth, tone * 0.92);
    painter.capsule(ankle, height * 0.027, toe, height * 0.018, shoes, tone);
  }

  private void arm(
      Painter painter, int side, double phase, double gait, double shoulder, double tone) {
    double swing = -Math.sin(phase + (side > 0 ? 0 : Math.PI)) * 0.5 * gait;
    double across = side * height * 0.118 * build;
    double upper = height * 0.165;
    double elbowZ = Math.sin(swing) * upper;
    double elbowY = shoulder - Math.cos(swing) * upper;
    double fore = swing + 0.25 + 0.2 * gait;
    double[] from = painter.at(across, shoulder - height * 0.01, 0);
    double[] elbow = painter.at(across * 1.14, elbowY, elbowZ);
    double[] wrist =
        painter.at(
            across * 1.1,
            elbowY - Math.cos(fore) * upper * 0.9,
            elbowZ + Math.sin(fore) * upper * 0.9);
    painter.capsule(from, height * 0.032 * build, elbow, height * 0.027, top, tone * 0.95);
    painter.capsule(elbow, height * 0.027, wrist, height * 0.021, top, tone * 0.9);
    painter.capsule(wrist, height * 0.022, wrist, height * 0.022, skin, tone);
  }

  private void torso(Painter painter, double hip, double shoulder) {
    double chest = height * 0.088 * build;
    double waist = height * 0.058 * build;
    double r = height * 0.046 * build;
    double[] body =
        balls(
            painter,
            new double[] {chest, shoulder - r * 0.6, 0, r},
            new double[] {-chest, shoulder - r * 0.6, 0, r},
            new double[] {waist, hip + r * 0.4, 0, r * 1.15},
            new double[] {-waist, hip + r * 0.4, 0, r * 1.15},
            new double[] {0, shoulder - height * 0.1, height * 0.03, r * 1.25},
            new double[] {0, shoulder - height * 0.1, -height * 0.03, r * 1.2});
    if (cut > 0) {
      double hem = cut == 1 ? height * 0.30 : height * 0.27;
      int cloth = cut == 1 ? top : legs;
      double flare = cut == 1 ? 0.07 : 0.085;
      painter.blob(
          balls(
              painter,
              new double[] {waist, hip + r, 0, r},
              new double[] {-waist, hip + r, 0, r},
              new double[] {height * flare, hem, 0.02, r * 0.8},
              new double[] {-height * flare, hem, 0.02, r * 0.8},
              new double[] {0, hem, -height * 0.06, r * 0.8},
              new double[] {0, hem, height * 0.06, r * 0.8}),
          cloth,
          0.85);
    }
    painter.blob(body, top, 1);
  }

  private void backpack(Painter painter, double shoulder) {
    painter.blob(
        balls(
            painter,
            new double[] {height * 0.05, shoulder - height * 0.05, -height * 0.085, height * 0.04},
            new double[] {-height * 0.05, shoulder - height * 0.05, -height * 0.085, height * 0.04},
            new double[] {height * 0.05, shoulder - height * 0.2, -height * 0.09, height * 0.045},
            new double[] {-height * 0.05, shoulder - height * 0.2, -height * 0.09, height * 0.045}),
        bagColour,
        1);
  }

  private void head(Painter painter, double bob) {
    double y = height * 0.925 + bob;
    double r = height * 0.062;
    double[] neck = painter.at(0, height * 0.84 + bob, 0);
    double[] face = painter.at(0, y, height * 0.012);
    double[] crown = painter.at(0, y + height * 0.018, -height * 0.016);
    painter.capsule(neck, height * 0.028, face, height * 0.03, skin, 0.85);
    if (longHair) {
      double[] nape = painter.at(0, y - height * 0.07, -height * 0.035);
      painter.capsule(crown, r * 1.02, nape, r * 0.8, hair, 0.9);
    }
    if (painter.facesCamera()) {
      painter.capsule(crown, r, crown, r, hair, 1);
      double[] chin = painter.at(0, y - height * 0.022, height * 0.022);
      painter.capsule(face, r * 0.86, chin, r * 0.66, skin, 1);
      if (!hat) {
        double[] fringe = painter.at(0, y + height * 0.043, height * 0.014);
        painter.capsule(crown, r * 0.6, fringe, r * 0.55, hair, 1.05);
      }
    } else {
      painter.capsule(face, r * 0.84, face, r * 0.84, skin, 0.95);
      painter.capsule(crown, r, crown, r, hair, 1);
    }
    if (hat) {
      double[] cap = painter.at(0, y + height * 0.035, -height * 0.005);
      painter.capsule(cap, r * 0.98, cap, r * 0.98, bagColour, 1.1);
    }
  }

  private static double[] balls(Painter painter, double[]... local) {
    double[] world = new double[4 * local.length];
    for (int i = 0; i < local.length; i++) {
      double[] point = painter.at(local[i][0], local[i][1], local[i][2]);
      System.arraycopy(point, 0, world, 4 * i, 3);
      world[4 * i + 3] = local[i][3];
    }
    return world;
  }

  private void shadow(Sketch sketch, Pose pose, Light light, double shade) {
    for (int ring = 0; ring < 2; ring++) {
      sketch.shadow(ellipse(pose, 0.30 - 0.1 * ring, 0.30 - 0.1 * ring), 0.22f);
    }
    double strength = light.sun * (1 - shade);
    if (strength > 0.05) {
      double r = 0.19;
      double[][] outline = {
        {r, 0, 0},
        {-r, 0, 0},
        {r, height * 0.8, 0},
        {-r, height * 0.8, 0},
        {0, height, 0},
        {0, 0, r},
        {0, 0, -r}
      };
      sketch.shadow(GroundShadow.of(outline, pose, light), (float) (0.36 * strength));
    }
  }

  static double[] ellipse(Pose pose, double right, double forward) {
    double[] xyz = new double[3 * 10];
    for (int i = 0; i < 10; i++) {
      double angle = i * Math.PI / 5;
      double[] p = pose.at(Math.cos(angle) * right, 0.01, Math.sin(angle) * forward);
      System.arraycopy(p, 0, xyz, 3 * i, 3);
    }
    return xyz;
  }
}
