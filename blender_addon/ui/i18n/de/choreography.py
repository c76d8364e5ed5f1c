"""German for the texts of: sections, choreography, what is drawn on the floor."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    # --- markers ---
    "Show": "Zeigen",
    "What is drawn as markers; hidden ones are remembered": (
        "Was als Marker gezeichnet wird; Verborgenes bleibt gemerkt"
    ),
    "Bars, and beats counted from 1 to 8": "Takte, und Schläge von 1 bis 8 gezählt",
    "Sections": "Abschnitte",
    "Where the parts of the song begin": "Wo die Teile des Liedes beginnen",
    "Events": "Ereignisse",
    "Breaks, build-ups, drops, fills and the last note": (
        "Breaks, Steigerungen, Drops, Fills und der letzte Ton"
    ),
    "Click Track": "Klickspur",
    "Hear a click on every beat, higher where a bar begins; it is never rendered": (
        "Auf jedem Schlag einen Klick hören, höher am Taktanfang; er wird nie gerendert"
    ),
    "Or": "Oder",
    "Other Tempi": "Andere Tempi",
    "Report": "Bericht",
    # --- sections ---
    "Section": "Abschnitt",
    "What the section is called": "Wie der Abschnitt heißt",
    "How this section is danced": "Wie dieser Abschnitt getanzt wird",
    "How much more, or less, the body moves in this section than the song asks for": (
        "Wie viel mehr oder weniger sich der Körper hier bewegt, als das Lied verlangt"
    ),
    "Returns to": "Kehrt zurück zu",
    "Whose moves come back in this section": "Wessen Bewegungen in diesem Abschnitt wiederkehren",
    "Own Moves": "Eigene Bewegungen",
    "A dance of its own": "Ein eigener Tanz",
    "The dance of this section comes back": "Der Tanz dieses Abschnitts kehrt wieder",
    "As the Dance": "Wie der Tanz",
    "The style of the whole dance": "Der Stil des ganzen Tanzes",
    "Split Section": "Abschnitt teilen",
    "Cut the section under the playhead in two, at the nearest bar line": (
        "Den Abschnitt unter dem Abspielkopf am nächsten Taktstrich teilen"
    ),
    "Join with Next": "Mit dem nächsten verbinden",
    "Make one section of the active one and the next": (
        "Aus dem aktiven Abschnitt und dem nächsten einen machen"
    ),
    "Move to Playhead": "Zum Abspielkopf schieben",
    "Let the active section begin at the bar line that is nearest to the playhead": (
        "Den aktiven Abschnitt am Taktstrich beginnen, der dem Abspielkopf am nächsten ist"
    ),
    "Go to Section": "Zum Abschnitt gehen",
    "Put the playhead where the active section begins": (
        "Den Abspielkopf an den Anfang des aktiven Abschnitts setzen"
    ),
    # --- front and path ---
    "Choreography": "Choreografie",
    "Front": "Blickrichtung",
    "Where the dance faces": "Wohin der Tanz blickt",
    "Audience": "Publikum",
    "The front of the dancer's object": "Die Vorderseite des Tänzerobjekts",
    "Camera": "Kamera",
    "The camera, also while it moves": "Die Kamera, auch während sie sich bewegt",
    "Any object, also while it moves": "Ein beliebiges Objekt, auch während es sich bewegt",
    "Free": "Frei",
    "Wherever the moves lead": "Wohin die Bewegungen führen",
    "The camera to face; empty is the scene's": "Die Kamera im Blick; leer ist die der Szene",
    "The object to face": "Das Objekt im Blick",
    "There is no camera yet": "Es gibt noch keine Kamera",
    "Path": "Weg",
    "Where the dance goes on the floor": "Wohin der Tanz auf dem Boden geht",
    "On Stage": "Auf der Bühne",
    "As the moves lead, within some metre": (
        "Wie die Bewegungen führen, innerhalb von etwa einem Meter"
    ),
    "Where it begins": "Wo er beginnt",
    "Curve": "Kurve",
    "Along a curve, from its beginning to its end": (
        "An einer Kurve entlang, von ihrem Anfang bis zu ihrem Ende"
    ),
    "The curve to follow; key its Evaluation Time to say when the dance is where": (
        "Die Kurve, der gefolgt wird; Keys auf ihrer Auswertungszeit sagen, wann der Tanz wo ist"
    ),
    # --- dials ---
    "Ask for it; off leaves it to the song": "Es verlangen; aus überlässt es dem Lied",
    "Legs": "Beine",
    "Mean speed of knees and feet as the hips see them, in m/s; 0.5 is usual": (
        "Mittleres Tempo von Knien und Füßen, von der Hüfte aus, in m/s; 0,5 ist üblich"
    ),
    "Arms": "Arme",
    "Mean speed of elbows and hands as the chest sees them, in m/s; 0.8 is usual": (
        "Mittleres Tempo von Ellbogen und Händen, von der Brust aus, in m/s; 0,8 ist üblich"
    ),
    "Level": "Höhe",
    "How high the hips are over standing, in m; below 0 the dance crouches": (
        "Wie hoch die Hüfte über dem Stand ist, in m; unter 0 geht der Tanz in die Knie"
    ),
    "Returns": "Wiederkehr",
    "How literally phrases return: 1 every move, 0.5 the poses on the beats, 0 not at all": (
        "Wie wörtlich Phrasen wiederkehren: 1 jede Bewegung, 0,5 die Posen auf den Schlägen, "
        "0 gar nicht"
    ),
    "From the Song": "Aus dem Lied",
    "Key the dials with what the song asks of legs, arms, level and returns, to begin with": (
        "Die Regler mit dem füllen, was das Lied von Beinen, Armen, Höhe und Wiederkehr verlangt"
    ),
    "Reset": "Zurücksetzen",
    "Reset Dials": "Regler zurücksetzen",
    "Free the dials: their keys go, and the song decides again": (
        "Die Regler freigeben: ihre Keys verschwinden, und das Lied entscheidet wieder"
    ),
    "In the preview range:": "Im Vorschaubereich:",
    "From the playhead's bar on:": "Ab dem Takt am Abspielkopf:",
    "In the active section:": "Im aktiven Abschnitt:",
    "Calmer": "Ruhiger",
    "Livelier": "Lebhafter",
    "Calmer or Livelier": "Ruhiger oder lebhafter",
    "Key the energy lower, or higher, over a range; Generate or Regenerate obeys it": (
        "Die Energie über einen Bereich niedriger oder höher setzen; der nächste Tanz folgt ihr"
    ),
    "Where": "Wo",
    "Over which frames": "Über welche Frames",
    "Preview Range or Playhead": "Vorschaubereich oder Abspielkopf",
    "The preview range; without one from the playhead on": (
        "Der Vorschaubereich; ohne einen ab dem Abspielkopf"
    ),
    "The frames of the preview range": "Die Frames des Vorschaubereichs",
    "Active Section": "Aktiver Abschnitt",
    "The section that is active in the list": "Der Abschnitt, der in der Liste aktiv ist",
    "From the Playhead's Bar On": "Ab dem Takt am Abspielkopf",
    "From the bar at the playhead to the song's end": (
        "Vom Takt am Abspielkopf bis zum Ende des Liedes"
    ),
    "Amount": "Betrag",
    "How much is added to the energy; below 0 is calmer": (
        "Wie viel zur Energie dazukommt; unter 0 ist ruhiger"
    ),
    # --- held poses ---
    "Hold Pose": "Pose halten",
    "Key it on, and off again later: the dance holds its pose from here to there": (
        "An und später wieder aus keyen: der Tanz hält seine Pose von hier bis dort"
    ),
    "Jumps": "Sprünge",
    "How often the dance jumps: 1 as the style's dancers do, 0 never": (
        "Wie oft der Tanz springt: 1 wie die Tänzer des Stils, 0 nie"
    ),
    "Turns": "Drehungen",
    "How often the dance turns round: 1 as the style's dancers do, 0 never": (
        "Wie oft sich der Tanz einmal um sich dreht: 1 wie die Tänzer des Stils, 0 nie"
    ),
    "Hold in Breaks": "In Breaks halten",
    "Where the song's drums fall away, the dance holds a pose for two beats": (
        "Wo das Schlagzeug aussetzt, hält der Tanz zwei Schläge lang eine Pose"
    ),
    "Hold Pose Here": "Pose hier halten",
    "Key a held pose: over the preview range, or for two beats from the playhead on": (
        "Eine gehaltene Pose keyen: im Vorschaubereich, oder zwei Schläge ab dem Abspielkopf"
    ),
    "How many beats it is held": "Wie viele Schläge sie gehalten wird",
    # --- the floor ---
    "Show on the Floor": "Auf dem Boden zeigen",
    "Draw the stage, the front, and the path with its beats in the 3D view": (
        "Bühne, Blickrichtung und den Weg mit seinen Schlägen in der 3D-Ansicht zeichnen"
    ),
}
