package dev.fovea.ingest.street;

/** Something that is in the street at one moment, ready to be sketched. */
record Actor(Label label, Pose pose, long look, double travelled, boolean moving, boolean braking) {

  /** The classes, in the order of a model's outputs. */
  enum Label {
    CAR("car", 1),
    PERSON("person", 2),
    BICYCLE("bicycle", 3);

    final String word;

    /** COCO category. */
    final int id;

    Label(String word, int id) {
      this.word = word;
      this.id = id;
    }
  }
}
