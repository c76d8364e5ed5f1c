"""A folder of songs, a video each: runs of ``audio2pose render``, here or on a Dask cluster.

``songs`` finds them and names their outputs; ``render_options`` defines how one can be
rendered, ``options`` and ``job_file`` say how each is; ``parts`` cuts a render, and
``resume_state`` knows what is finished or begun. ``runner`` gives the parts to an
``executor`` (processes here, each under a ``supervisor``; ``cluster``: other machines),
``log`` reads their logs, ``report`` sums up. ``plan`` writes down what would be done.
"""
