"""What the client does in a phase, and whether that by itself moves the heart."""

from biotune.domain.vocabulary import Activity, Caveat

# In these the client speaks, sings, plays or moves, which moves the heart by itself (method, "Before and after").
NOT_QUIET: dict[Activity, Caveat] = {
    Activity.DRUMMING: Caveat.MOVEMENT,
    Activity.PLAYING: Caveat.MOVEMENT,
    Activity.MUSCLE_RELAXATION: Caveat.MOVEMENT,
    Activity.SINGING: Caveat.VOICE,
    Activity.SONGWRITING: Caveat.VOICE,
}
