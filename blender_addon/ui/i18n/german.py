"""German: from the English text to its translation."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    # --- the main panel ---
    "A song becomes a dance:": "Aus einem Lied wird ein Tanz:",
    "Add a song": "Ein Lied hinzufügen",
    "Press Generate Dance": "„Tanz erzeugen“ drücken",
    "Play, and change any key by hand": "Abspielen und jeden Keyframe von Hand ändern",
    "Generate Dance": "Tanz erzeugen",
    "Make a dance to the song and write it as keys on the dancer": (
        "Zum Lied einen Tanz erzeugen und ihn als Keyframes auf den Tänzer schreiben"
    ),
    "Cancel": "Abbrechen",
    "Stop the job that is running; nothing is changed": (
        "Den laufenden Auftrag abbrechen; nichts wird geändert"
    ),
    "{} left": "noch {}",
    "A job is running; cancel it or wait": "Ein Auftrag läuft; abbrechen oder abwarten",
    "No job is running": "Kein Auftrag läuft",
    "Starting": "Beginnt",
    "Reading the song": "Liest das Lied",
    "Loading the model": "Lädt das Modell",
    "Listening": "Hört zu",
    "Finding the beats": "Sucht die Schläge",
    "Dancing": "Tanzt",
    "Planting the feet": "Setzt die Füße auf",
    "Reducing keys": "Reduziert Keyframes",
    # --- song ---
    "Song": "Lied",
    "Where the song comes from": "Woher das Lied kommt",
    "Sound Strip": "Tonstreifen",
    "A sound strip of the sequencer: dance where it is heard": (
        "Ein Tonstreifen des Sequencers: getanzt wird, wo er zu hören ist"
    ),
    "File": "Datei",
    "A song file: dance from the scene's first frame on": (
        "Eine Lieddatei: getanzt wird vom ersten Frame der Szene an"
    ),
    "Strip": "Streifen",
    "The sound strip to dance to; empty is what is selected in the Sequencer": (
        "Der Tonstreifen, zu dem getanzt wird; leer ist, was im Sequencer ausgewählt ist"
    ),
    "Song File": "Lieddatei",
    "wav, mp3, flac, m4a or ogg": "wav, mp3, flac, m4a oder ogg",
    "Add Song": "Lied hinzufügen",
    "Add a song to the sequencer at the scene's first frame, to dance to it": (
        "Ein Lied am ersten Frame der Szene in den Sequencer legen, um dazu zu tanzen"
    ),
    "Song to Dance to": "Lied zum Tanzen",
    # --- style and details ---
    "Style": "Stil",
    "How to dance": "Wie getanzt wird",
    "Auto": "Automatisch",
    "Let the song decide": "Das Lied entscheidet",
    "Dancer": "Tänzer",
    "The armature that every button means; a click on another dancer chooses it. Empty: Generate "
    "adds the Audio2Pose dancer": (
        "Die Armatur, die jede Schaltfläche meint; ein Klick auf einen anderen Tänzer wählt ihn. "
        "Leer: Erzeugen fügt den Tänzer von Audio2Pose hinzu"
    ),
    "A new dancer will be added": "Ein neuer Tänzer kommt hinzu",
    "A new Audio2Pose dancer will be added": "Ein neuer Tänzer von Audio2Pose kommt hinzu",
    "Details": "Einzelheiten",
    "Energy": "Energie",
    "How much more, or less, the body moves than the song asks for": (
        "Um wie viel mehr oder weniger sich der Körper bewegt, als das Lied verlangt"
    ),
    "Hits": "Akzente",
    "Which beats the body answers": "Auf welche Schläge der Körper antwortet",
    "What comes nearest to the pace of the style": "Was dem Tempo des Stils am nächsten kommt",
    "Every Beat": "Jeder Schlag",
    "One accent on each beat": "Ein Akzent auf jedem Schlag",
    "Every Second Beat": "Jeder zweite Schlag",
    "Calmer: one accent on every second beat": "Ruhiger: ein Akzent auf jedem zweiten Schlag",
    "Half Beats": "Halbe Schläge",
    "Quicker: accents on the beats and halfway between them": (
        "Schneller: Akzente auf den Schlägen und in der Mitte dazwischen"
    ),
    "Follow Repeats": "Wiederholen",
    "Phrases of the dance return, and where the song repeats a part, so does the dance": (
        "Phrasen kehren wieder, und wo das Lied einen Teil wiederholt, auch der Tanz"
    ),
    "Seed": "Startwert",
    "The same seed, song and style give the same dance again": (
        "Derselbe Startwert mit demselben Lied und Stil ergibt wieder denselben Tanz"
    ),
    "New Each Time": "Jedes Mal neu",
    "Draw a new seed for each dance, and keep it here": (
        "Für jeden Tanz einen neuen Startwert ziehen und ihn hier festhalten"
    ),
    "Quality": "Qualität",
    "How many dances are made to keep the best of them; each takes its time": (
        "Wie viele Tänze erzeugt werden, um den besten zu behalten; jeder braucht seine Zeit"
    ),
    "Range": "Bereich",
    "Which part of the song is danced": "Welcher Teil des Liedes getanzt wird",
    "Whole Song": "Ganzes Lied",
    "All that is heard of the song": "Alles, was vom Lied zu hören ist",
    "Scene": "Szene",
    "The part that is heard between the scene's first and last frame": (
        "Der Teil, der zwischen erstem und letztem Frame der Szene zu hören ist"
    ),
    "Preview Range": "Vorschaubereich",
    "The part that is heard in the preview range": "Der Teil, der im Vorschaubereich zu hören ist",
    "No preview range is set": "Kein Vorschaubereich gesetzt",
    "Keys": "Keyframes",
    "How the dance is written as keyframes": "Wie der Tanz als Keyframes geschrieben wird",
    "Reduced": "Reduziert",
    "Few Bézier keys, on the beats where possible: easy to edit": (
        "Wenige Bézier-Keyframes, möglichst auf den Schlägen: leicht zu bearbeiten"
    ),
    "Every Frame": "Jeder Frame",
    "One key on each frame: exact, hard to edit": (
        "Ein Keyframe auf jedem Frame: genau, schwer zu bearbeiten"
    ),
    "Key Error": "Abweichung",
    "How far hands and feet may stray, in cm, where keys are left out": (
        "Wie weit Hände und Füße abweichen dürfen, in cm, wo Keyframes fehlen"
    ),
    # --- beats ---
    "Beats": "Schläge",
    "Analyse": "Analysieren",
    "Find the song's beats and bars, and draw them as markers that can be edited": (
        "Schläge und Takte des Liedes finden und als Marker zeichnen, die sich bearbeiten lassen"
    ),
    "Markers": "Marker",
    "Where the beats are drawn": "Wo die Schläge gezeichnet werden",
    "Action": "Action",
    "As pose markers of the dancer's action": "Als Posenmarker in der Action des Tänzers",
    "Timeline": "Zeitleiste",
    "As markers of the scene": "Als Marker der Szene",
    "Both": "Beides",
    "As pose markers and as markers of the scene": "Als Posenmarker und als Marker der Szene",
    "Tempo": "Tempo",
    "Confidence": "Sicherheit",
    "Check the beats: the tracker is not sure": "Schläge prüfen: die Erkennung ist unsicher",
    "No pulse was heard: edit the markers": "Kein Puls zu hören: Marker bearbeiten",
    "These are the beats of another song": "Das sind die Schläge eines anderen Liedes",
    "Shift Beats": "Schläge schieben",
    "How many beats later": "Um wie viele Schläge später",
    "Move every beat by whole beats or parts of one, bars included": (
        "Jeden Schlag um ganze Schläge oder Teile davon verschieben, samt Takten"
    ),
    "Shift Bars": "Takte schieben",
    "How many beats later the bars begin": "Um wie viele Schläge später die Takte beginnen",
    "Let the bars begin on a later or earlier beat; the beats stay where they are": (
        "Die Takte auf einem späteren oder früheren Schlag beginnen; die Schläge bleiben"
    ),
    "Halve": "Halbieren",
    "Keep every second beat: for a tempo that was taken twice as quick": (
        "Nur jeden zweiten Schlag behalten: wenn das Tempo doppelt so schnell erkannt wurde"
    ),
    "Double": "Verdoppeln",
    "Add a beat between every two: for a tempo that was taken half as quick": (
        "Zwischen je zwei Schläge einen setzen: wenn das Tempo halb so schnell erkannt wurde"
    ),
    "Draw Markers Again": "Marker neu zeichnen",
    "Draw the markers again: after the strip was moved, or to number the bars again": (
        "Die Marker neu zeichnen: nach dem Verschieben des Streifens, oder um Takte neu zu zählen"
    ),
    "Clear Beats": "Schläge löschen",
    "Take the beats and their markers away; the next dance finds its beats itself": (
        "Schläge und Marker entfernen; der nächste Tanz sucht seine Schläge selbst"
    ),
    # --- export ---
    "Export": "Exportieren",
    "Export BVH": "BVH exportieren",
    "Save the dance as motion capture on Audio2Pose's own skeleton, from whatever rig it is on": (
        "Den Tanz auf dem Skelett von Audio2Pose speichern, gleich auf welchem Rig er liegt"
    ),
    "Export FBX": "FBX exportieren",
    "Save the dancer with its meshes and the baked dance, by Blender's FBX exporter": (
        "Den Tänzer mit Meshes und gebackenem Tanz speichern, mit Blenders FBX-Exporter"
    ),
    "Export glTF": "glTF exportieren",
    "Save the dancer with its meshes and the baked dance, by Blender's glTF exporter": (
        "Den Tänzer mit Meshes und gebackenem Tanz speichern, mit Blenders glTF-Exporter"
    ),
    "Audio2Pose Dance (.bvh)": "Audio2Pose-Tanz (.bvh)",
    "Frames per Second": "Frames pro Sekunde",
    "How often the dance is sampled": "Wie oft der Tanz abgetastet wird",
    "As many as the scene has frames": "So viele, wie die Szene Frames hat",
    "24 a second": "24 pro Sekunde",
    "25 a second": "25 pro Sekunde",
    "30 a second": "30 pro Sekunde",
    "60 a second": "60 pro Sekunde",
    "Bake to Controls": "Auf Steuerknochen backen",
    "Write one key a frame on every control that dances, with NLA layers added in": (
        "Ein Keyframe je Frame auf jedem tanzenden Steuerknochen, NLA-Ebenen eingerechnet"
    ),
    "Keys per Second": "Keyframes pro Sekunde",
    "How many keys a second": "Wie viele Keyframes pro Sekunde",
    "Select an armature that dances, or generate a dance": (
        "Eine tanzende Armatur auswählen oder einen Tanz erzeugen"
    ),
    # --- last dance ---
    "Last Dance": "Letzter Tanz",
    "Length": "Länge",
    "Seconds": "Sekunden",
    # --- preferences ---
    "Model": "Modell",
    "A trained model (.onnx with its .json beside it); leave it empty for the dancer that "
    "comes with the extension": (
        "Ein trainiertes Modell (.onnx mit seiner .json daneben); leer ist der Tänzer, der mit "
        "der Erweiterung kommt"
    ),
    "More Models": "Weitere Modelle",
    "A folder with more models; each is shown with its card": (
        "Ein Ordner mit weiteren Modellen; jedes wird mit seiner Karte gezeigt"
    ),
    "Use": "Verwenden",
    "Let this model dance from now on": "Dieses Modell von nun an tanzen lassen",
    "Styles": "Stile",
    "Trained on": "Gelernt aus",
    "Licence": "Lizenz",
    "Threads": "Threads",
    "Threads of the dancer; 0 uses every core. Fewer leave more for Blender": (
        "Threads des Tänzers; 0 nutzt jeden Kern. Weniger lassen mehr für Blender übrig"
    ),
    "Device": "Gerät",
    "What the dancer is computed on": "Worauf der Tänzer berechnet wird",
    "An accelerator where there is one, else the processor": (
        "Ein Beschleuniger, wo es einen gibt, sonst der Prozessor"
    ),
    "The processor": "Der Prozessor",
    "An NVIDIA card; needs an ONNX Runtime that was built for it": (
        "Eine NVIDIA-Karte; braucht eine dafür gebaute ONNX Runtime"
    ),
    "A graphics card on Windows; needs an ONNX Runtime built for it": (
        "Eine Grafikkarte unter Windows; braucht eine dafür gebaute ONNX Runtime"
    ),
    "Core ML": "Core ML",
    "Apple's accelerators": "Apples Beschleuniger",
    "Verbose Log": "Ausführliches Protokoll",
    "Write every job, its stages and what the worker says to the terminal": (
        "Jeden Auftrag, seine Schritte und alles, was der Worker meldet, ins Terminal schreiben"
    ),
    "New scenes begin with": "Neue Szenen beginnen mit",
    "Style of a new scene": "Stil einer neuen Szene",
    "Energy of a new scene": "Energie einer neuen Szene",
    "Quality of a new scene": "Qualität einer neuen Szene",
    "Keys of a new scene": "Keyframes einer neuen Szene",
    "Key error of a new scene, in cm": "Abweichung einer neuen Szene, in cm",
    "Shortcut": "Tastenkürzel",
    # --- character ---
    "Character": "Figur",
    "Choose a dancer first": "Zuerst einen Tänzer wählen",
    "Preset": "Voreinstellung",
    "Save Preset": "Voreinstellung speichern",
    "Use Preset": "Voreinstellung anwenden",
    "Remove Preset": "Voreinstellung entfernen",
    "Import Preset": "Voreinstellung importieren",
    "Export Preset": "Voreinstellung exportieren",
    "Save the bone map in your own folder; rigs with the same bones then take it by themselves": (
        "Die Knochenliste im eigenen Ordner speichern; Rigs mit denselben Knochen nehmen sie "
        "dann von selbst"
    ),
    "Use one of your own presets on this character": (
        "Eine eigene Voreinstellung auf diese Figur anwenden"
    ),
    "Delete one of your own presets from disk": "Eine eigene Voreinstellung von der Platte löschen",
    "Use a bone map from a JSON file on this character, and keep it among your presets": (
        "Eine Knochenliste aus einer JSON-Datei auf diese Figur anwenden und bei den eigenen "
        "Voreinstellungen behalten"
    ),
    "Write this character's bone map to a JSON file": (
        "Die Knochenliste dieser Figur in eine JSON-Datei schreiben"
    ),
    "Plant Feet": "Füße aufsetzen",
    "Feet that stand hold still on this character's own legs": (
        "Stehende Füße bleiben auch auf den Beinen dieser Figur still"
    ),
    "Legs on IK": "Beine auf IK",
    "Key the feet and what the knees point at, and switch the legs to IK; for rigs that have such "
    "controls. The FK controls are keyed as well": (
        "Füße und Kniezeiger mit Keyframes versehen und die Beine auf IK schalten; für Rigs mit "
        "solchen Steuerknochen. Auch die FK-Steuerknochen erhalten Keyframes"
    ),
    "Hands off the Body": "Hände weg vom Körper",
    "Hands that would enter the trunk or the head are kept outside": (
        "Hände, die in Rumpf oder Kopf gerieten, bleiben draußen"
    ),
    "Root Motion": "Fortbewegung",
    "What carries the dance over the floor": "Was den Tanz über den Boden trägt",
    "Hips": "Hüfte",
    "The hips carry the body over the floor, as motion capture does": (
        "Die Hüfte trägt den Körper über den Boden, wie bei Motion Capture"
    ),
    "Root Bone": "Wurzelknochen",
    "The root bone follows the body over the floor": (
        "Der Wurzelknochen folgt dem Körper über den Boden"
    ),
    "Object": "Objekt",
    "The object itself moves over the floor": "Das Objekt selbst bewegt sich über den Boden",
    "In Place": "Auf der Stelle",
    "The body stays where it is; the feet slide, as on a treadmill": (
        "Der Körper bleibt, wo er ist; die Füße gleiten wie auf einem Laufband"
    ),
    "Own Bone Map": "Eigene Knochenliste",
    "The bones are those listed here, not those found by name or shape": (
        "Es gelten die Knochen dieser Liste, nicht die nach Namen oder Gestalt gefundenen"
    ),
    "Part": "Teil",
    "Bone": "Knochen",
    "The bone that plays this part": "Der Knochen, der diesen Teil spielt",
    # --- takes and edits ---
    "Takes": "Takes",
    "Name": "Name",
    "Double-click to rename": "Doppelklick zum Umbenennen",
    "Keep": "Behalten",
    "Delete Others leaves this take alone": "„Andere löschen“ lässt diesen Take in Ruhe",
    "Play Take": "Take tanzen",
    "Dance this take; the one before stays on its muted NLA track": (
        "Diesen Take tanzen; der vorige bleibt auf seiner stummen NLA-Spur"
    ),
    "Compare": "Vergleichen",
    "Compare with Last": "Mit vorigem vergleichen",
    "Back to the take that was danced before this one; again to return": (
        "Zurück zum Take, der vor diesem getanzt wurde; noch einmal führt hierher"
    ),
    "Show Beside": "Daneben zeigen",
    "Show the chosen take, or the one before, on a copy beside the dancer; again to remove it": (
        "Den gewählten Take, oder den davor, auf einer Kopie neben dem Tänzer zeigen; "
        "noch einmal, um sie zu entfernen"
    ),
    "Delete Take": "Take löschen",
    "Delete this take with its action; Undo brings it back": (
        "Diesen Take samt Action löschen; Rückgängig holt ihn zurück"
    ),
    "Use Its Settings": "Seine Einstellungen übernehmen",
    "Set style, seed and all the rest as they were for this take: Generate makes it again": (
        "Stil, Startwert und alles andere wie bei diesem Take einstellen: Erzeugen macht ihn noch "
        "einmal"
    ),
    "Corrections": "Korrekturen",
    "Lay an empty layer on the take and open it: keys that you set are added to the dance": (
        "Eine leere Ebene auf den Take legen und öffnen: gesetzte Keyframes kommen zum Tanz hinzu"
    ),
    "No takes yet; generate a dance first": "Noch keine Takes; zuerst einen Tanz erzeugen",
    "Its action was deleted": "Seine Action wurde gelöscht",
    "Cannot be read": "Nicht lesbar",
    "Regenerate": "Neu erzeugen",
    "Generate the chosen bars, or bones, again as a new take; your own keys stay": (
        "Die gewählten Takte oder Knochen neu erzeugen, als neuen Take; eigene Keyframes bleiben"
    ),
    "-1 draws a new one": "-1 zieht einen neuen",
    "Bars": "Takte",
    "Regenerate only these bars": "Nur diese Takte neu erzeugen",
    "From Bar": "Von Takt",
    "The first bar that is regenerated": "Der erste Takt, der neu erzeugt wird",
    "To Bar": "Bis Takt",
    "The last bar that is regenerated": "Der letzte Takt, der neu erzeugt wird",
    "Selected Bones": "Ausgewählte Knochen",
    "Regenerate only the selected bones": "Nur die ausgewählten Knochen neu erzeugen",
    "Lock My Keys": "Eigene Keyframes sperren",
    "Keys that were changed, added or deleted by hand stay, and the new motion passes through "
    "them": (
        "Von Hand geänderte, gesetzte oder gelöschte Keyframes bleiben; die neue Bewegung führt "
        "durch sie hindurch"
    ),
    "Lock": "Sperren",
    "Lock keys, bones or a range: Regenerate leaves them as they are": (
        "Keyframes, Knochen oder einen Bereich sperren: Neu erzeugen lässt sie, wie sie sind"
    ),
    "Unlock": "Entsperren",
    "Unlock keys, bones, a range, or everything": (
        "Keyframes, Knochen, einen Bereich oder alles entsperren"
    ),
    "Select My Keys": "Eigene Keyframes auswählen",
    "Select the keys that were changed or added by hand since the take was made": (
        "Die seit dem Take von Hand geänderten oder gesetzten Keyframes auswählen"
    ),
    "First Frame": "Erster Frame",
    "Last Frame": "Letzter Frame",
    "Empty is all bones": "Leer sind alle Knochen",
    # --- crew ---
    "Crew": "Gruppe",
    "Make Crew": "Gruppe bilden",
    "Add dancers around this one who dance its dance, mirrored and in canon": (
        "Um diesen Tänzer weitere stellen, die seinen Tanz tanzen, gespiegelt und im Kanon"
    ),
    "Dancers": "Tänzer",
    "With the one that is there": "Mit dem, der schon da ist",
    "Canon": "Kanon",
    "Each dancer is so many beats behind the one before": (
        "Jeder Tänzer folgt dem vorigen um so viele Schläge später"
    ),
    "Mirrored": "Gespiegelt",
    "Those on the right dance the mirror image": "Wer rechts steht, tanzt das Spiegelbild",
    "Formation": "Aufstellung",
    "How the crew stands": "Wie die Gruppe steht",
    "Line": "Reihe",
    "Side by side": "Nebeneinander",
    "V": "V",
    "The first in front, the others behind to the left and right": (
        "Der erste vorn, die anderen dahinter links und rechts"
    ),
    "Spacing": "Abstand",
    "Between neighbours; wider where they would touch each other": (
        "Zwischen Nachbarn; größer, wo sie einander berühren würden"
    ),
    # --- bones and locks ---
    "Edit Bones": "Knochen bearbeiten",
    "Write the bones that were found into a list that can be edited": (
        "Die gefundenen Knochen in eine Liste schreiben, die sich bearbeiten lässt"
    ),
    "Detect Again": "Neu erkennen",
    "Forget the edited list and find the bones by their names and places again": (
        "Die bearbeitete Liste verwerfen und die Knochen wieder nach Namen und Lage finden"
    ),
    "Add Bone": "Knochen hinzufügen",
    "Add one more bone to the spine or to the neck, above those there are": (
        "Der Wirbelsäule oder dem Hals über den vorhandenen noch einen Knochen geben"
    ),
    "Spine": "Wirbelsäule",
    "Neck": "Hals",
    "Clear Bone": "Knochen leeren",
    "Let the chosen part have no bone; its turn is folded into its neighbours": (
        "Den gewählten Teil ohne Knochen lassen; seine Drehung geht auf die Nachbarn über"
    ),
    "Take": "Take",
    "Empty is the one chosen in the list": "Leer ist der in der Liste gewählte",
    "Others": "Andere",
    "Delete all takes but this one and those that are marked to be kept": (
        "Alle Takes löschen außer diesem und denen, die behalten werden sollen"
    ),
    "What": "Was",
    "Selected Keys": "Ausgewählte Keyframes",
    "The keys that are selected in the Dope Sheet or the Graph Editor": (
        "Die Keyframes, die im Dope Sheet oder Graph Editor ausgewählt sind"
    ),
    "The selected bones over the whole take": "Die ausgewählten Knochen über den ganzen Take",
    "All bones in the bars that are set for Regenerate": (
        "Alle Knochen in den Takten, die zum Neuerzeugen eingestellt sind"
    ),
    "All bones in the preview range": "Alle Knochen im Vorschaubereich",
    "Chosen Row": "Gewählte Zeile",
    "The lock that is chosen in the list": "Die Sperre, die in der Liste gewählt ist",
    "Everything": "Alles",
    "All locks of this take": "Alle Sperren dieses Takes",
}
