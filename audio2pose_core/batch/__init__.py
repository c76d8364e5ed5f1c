"""A folder of songs, a video each: runs of ``scripts/render.py``, here or on a Dask cluster.

``songs`` finds them and names their outputs, ``options`` and ``job_file`` say how each is
rendered, ``parts`` how its render is cut, ``record`` knows what is finished or begun,
``runner`` gives the parts to ``hands`` (``cluster``: those of other machines), ``log`` reads
what they say, ``report`` tells; ``plan`` is all of it on paper.
"""
