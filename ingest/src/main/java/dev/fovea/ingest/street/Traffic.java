package dev.fovea.ingest.street;

import java.util.ArrayList;
import java.util.List;

/** Who is where at a given time: a pure function of the street's seed and the time. */
final class Traffic {
  private static final double CAR_PLACE = 8.6;
  private static final double CYCLE_PLACE = 6.5;
  private static final double REACH = 75;

  private final StreetPlan plan;
  private final double density;
  private final double start;
  private final double flow;
  private final double busyCars;
  private final double busyWalkers;
  private final double busyCycles;

  Traffic(StreetPlan plan, double density) {
    this.plan = plan;
    this.density = density;
    Dice dice = Dice.of(plan.seed, 8);
    start = dice.between(0, 600);
    flow = dice.between(0.5, 0.9);
    busyCars = dice.between(0.25, 0.7);
    busyWalkers = dice.between(0.25, 0.75);
    busyCycles = dice.between(0.25, 0.65);
  }

  List<Actor> at(double seconds) {
    List<Actor> actors = new ArrayList<>();
    double time = start + seconds;
    parked(actors);
    mainRoad(actors, time);
    if (plan.hasJunction()) {
      crossStreet(actors, time);
    }
    pavements(actors, time);
    if (plan.hasZebra()) {
      zebra(actors, time);
    }
    return actors;
  }

  private boolean exists(Dice dice, double share) {
    return dice.chance(Math.min(0.97, share * density));
  }

  private void parked(List<Actor> actors) {
    for (int side = -1; side <= 1; side += 2) {
      if (!(side < 0 ? plan.parkingLeft : plan.parkingRight)) {
        continue;
      }
      double x = side * (plan.roadHalf - 1.12);
      double heading = side == plan.drivingSide ? 0 : Math.PI;
      for (int i = 0; i < 12; i++) {
        Dice dice = Dice.of(plan.seed, 20, side, i);
        double z = 2 + i * 5.9 + dice.between(-0.3, 0.3);
        boolean free = !plan.atJunction(z, 6) && !(plan.hasZebra() && Math.abs(z - plan.zebra) < 5);
        if (exists(dice, 0.62) && free) {
          double turn = heading + dice.normal() * 0.015;
          actors.add(
              new Actor(Actor.Label.CAR, new Pose(x, z, turn), dice.next(), 0, false, false));
        }
      }
    }
  }

  private void mainRoad(List<Actor> actors, double time) {
    for (int direction = -1; direction <= 1; direction += 2) {
      int side = direction * plan.drivingSide;
      for (int lane = 0; lane < plan.lanesPerSide; lane++) {
        double x = side * (lane + 0.5) * plan.laneWidth;
        lane(actors, time, new Track(10 + lane, direction, x, false, CAR_PLACE, busyCars, false));
      }
      if (plan.cycleLane > 0) {
        double x = side * (plan.lanesPerSide * plan.laneWidth + plan.cycleLane / 2);
        lane(actors, time, new Track(15, direction, x, false, CYCLE_PLACE, busyCycles, true));
      }
    }
  }

  private void crossStreet(List<Actor> actors, double time) {
    double wide = plan.junctionFar - plan.junctionNear;
    for (int direction = -1; direction <= 1; direction += 2) {
      double near = direction * plan.drivingSide > 0 ? 0.27 : 0.73;
      double z = plan.junctionNear + wide * near;
      lane(actors, time, new Track(17, direction, z, true, CAR_PLACE, busyCars * 0.8, false));
    }
  }

  /**
   * One stream of vehicles.
   *
   * @param offset where it runs: x on the main road, z on the cross street
   */
  private record Track(
      int id,
      int direction,
      double offset,
      boolean across,
      double place,
      double busy,
      boolean cycles) {}

  private void lane(List<Actor> actors, double time, Track track) {
    boolean signalled = plan.hasZebra();
    double from = track.across ? Signal.CROSS_START : Signal.MAIN_START;
    double length = track.across ? Signal.CROSS_LENGTH : Signal.MAIN_LENGTH;
    double moved = signalled ? Signal.moved(time, from, length) : flow * time;
    boolean braking = signalled && Signal.braking(time, from, length);
    boolean moving = !signalled || time % Signal.CYCLE < from + length;
    // Along the lane, in its direction: 0 is where the first in the queue stands.
    double stop = stopLine(track);
    double clear = clearOf(track);
    int blocked = (int) Math.ceil((clear - stop) / track.place);
    double low = -REACH;
    double high = REACH;
    if (!track.across) {
      low = track.direction > 0 ? -9 : -REACH;
      high = track.direction > 0 ? REACH : 9;
    }
    int first = (int) Math.floor((low - stop) / track.place - moved);
    int last = (int) Math.ceil((high - stop) / track.place - moved);
    for (int i = first; i <= last; i++) {
      int slot = Math.floorMod(i, Signal.PLACES);
      Dice dice = Dice.of(plan.seed, track.id, track.direction, i);
      if ((signalled && slot >= 1 && slot < blocked) || !exists(dice, track.busy)) {
        continue;
      }
      double along = stop + (i + moved) * track.place + dice.between(-0.7, 0.35);
      double sway = dice.between(-0.22, 0.22);
      vehicle(actors, track, dice, along, sway, moving, braking, moved * track.place);
    }
  }

  private void vehicle(
      List<Actor> actors,
      Track track,
      Dice dice,
      double along,
      double sway,
      boolean moving,
      boolean braking,
      double travelled) {
    double place = track.direction * along;
    double heading =
        track.across ? track.direction * Math.PI / 2 : track.direction > 0 ? 0 : Math.PI;
    Pose pose =
        track.across
            ? new Pose(place, track.offset + sway, heading)
            : new Pose(track.offset + sway, place, heading);
    boolean cycle = track.cycles || dice.chance(plan.cycleLane > 0 ? 0.04 : 0.22);
    Actor.Label label = cycle ? Actor.Label.BICYCLE : Actor.Label.CAR;
    actors.add(new Actor(label, pose, dice.next(), travelled, moving, braking));
  }

  private double stopLine(Track track) {
    double nose = track.cycles ? 1.2 : 2.7;
    if (track.across) {
      return -(plan.roadHalf + 1.0 + nose);
    }
    if (!plan.hasZebra()) {
      return 0;
    }
    if (track.direction > 0) {
      return plan.zebra - 3.2 - nose;
    }
    double line = plan.hasJunction() ? plan.junctionFar + 1.0 : plan.zebra + 3.1;
    return -(line + nose);
  }

  /** The first place beyond the crossing where the tail of the one who stands there is clear. */
  private double clearOf(Track track) {
    double tail = track.cycles ? 1.0 : 2.6;
    if (track.across) {
      return plan.roadHalf + 0.4 + tail;
    }
    if (!plan.hasZebra()) {
      return 0;
    }
    if (track.direction > 0) {
      return (plan.hasJunction() ? plan.junctionFar + 0.3 : plan.zebra + 2) + tail;
    }
    return -(plan.zebra - 2 - tail);
  }

  private void pavements(List<Actor> actors, double time) {
    for (int side = -1; side <= 1; side += 2) {
      for (int direction = -1; direction <= 1; direction += 2) {
        Dice habits = Dice.of(plan.seed, 30, side, direction);
        double speed = habits.between(1.0, 1.5);
        double share = direction > 0 ? 0.36 : 0.70;
        double x = side * (plan.roadHalf + plan.verge + 0.4 + share * (plan.pavement - 0.6));
        double spacing = 4.2;
        double moved = speed * time;
        int first = (int) Math.floor((direction > 0 ? 2 : -REACH) / spacing - moved / spacing);
        int last = (int) Math.ceil((direction > 0 ? REACH : -2) / spacing - moved / spacing);
        for (int i = first; i <= last; i++) {
          Dice dice = Dice.of(plan.seed, 31, side, direction, i);
          if (!exists(dice, busyWalkers * 0.75)) {
            continue;
          }
          double along = i * spacing + moved + dice.between(-1.2, 1.2);
          walker(actors, dice, x + dice.between(-0.3, 0.3), direction, along);
          if (dice.chance(0.22)) {
            double beside = x + (dice.chance(0.5) ? 0.62 : -0.62);
            walker(actors, dice, beside, direction, along + dice.between(-0.2, 0.2));
          }
        }
      }
    }
  }

  private void walker(List<Actor> actors, Dice dice, double x, int direction, double along) {
    double heading = (direction > 0 ? 0 : Math.PI) + dice.normal() * 0.06;
    Pose pose = new Pose(x, direction * along, heading);
    actors.add(new Actor(Actor.Label.PERSON, pose, dice.next(), along, true, false));
  }

  /** People who come along the pavement, wait, cross, and walk on. */
  private void zebra(List<Actor> actors, double time) {
    long now = (long) Math.floor(time / Signal.CYCLE);
    for (long cycle = now - 1; cycle <= now + 1; cycle++) {
      for (int i = 0; i < 7; i++) {
        Dice dice = Dice.of(plan.seed, 40, cycle, i);
        if (exists(dice, 0.35 + 0.5 * busyWalkers)) {
          crosser(actors, dice, time, cycle * Signal.CYCLE + Signal.CROSS_START, i);
        }
      }
    }
  }

  private void crosser(List<Actor> actors, Dice dice, double time, double green, int index) {
    int side = dice.chance(0.5) ? 1 : -1;
    double kerb = plan.roadHalf + 0.5 + dice.between(0, 0.4);
    double width = 2 * kerb;
    double speed = Math.max(dice.between(1.15, 1.55), width / 11);
    double sets = green + dice.between(0, 12.4 - width / speed);
    double waits = Math.max(0, sets - green) < 1.5 ? dice.between(1, 9) : 0;
    double z = plan.zebra + (index - 3) * 0.44 + dice.between(-0.15, 0.15);
    int from = dice.chance(0.6) ? 1 : -1;
    int to = dice.chance(0.6) ? 1 : -1;
    long look = dice.next();
    double pace = Math.min(speed, 1.5);
    if (time < sets - waits) {
      double left = (sets - waits - time) * pace;
      add(actors, side * kerb, z + from * left, from > 0 ? Math.PI : 0, look, -left, true);
    } else if (time < sets) {
      add(actors, side * kerb, z, -side * Math.PI / 2, look, 0, false);
    } else if (time < sets + width / speed) {
      double gone = (time - sets) * speed;
      add(actors, side * (kerb - gone), z, -side * Math.PI / 2, look, gone, true);
    } else {
      double gone = (time - sets - width / speed) * pace;
      add(actors, -side * kerb, z + to * gone, to > 0 ? 0 : Math.PI, look, width + gone, true);
    }
  }

  private static void add(
      List<Actor> actors,
      double x,
      double z,
      double heading,
      long look,
      double gone,
      boolean walks) {
    if (z > 1 && z < REACH) {
      Pose pose = new Pose(x, z, heading);
      actors.add(new Actor(Actor.Label.PERSON, pose, look, gone, walks, false));
    }
  }
}
