"""What the deterministic beginning of a pipeline makes of clips, made once and read in batches."""

from .cached_batches import can_read_batches, read_batch
from .clip_cache import CACHE_SETTINGS, CachedClips, CacheSettings, ClipWriter, open_cache

__all__ = [
    'CACHE_SETTINGS',
    'CacheSettings',
    'CachedClips',
    'ClipWriter',
    'can_read_batches',
    'open_cache',
    'read_batch',
]
