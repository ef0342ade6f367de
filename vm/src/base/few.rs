//! A map that mostly has an entry or two: a list, in order of insertion, until it is worth an index.

use std::hash::Hash;

use rustc_hash::FxHashMap as HashMap;

/// Up to so many entries are searched one by one.
const LISTED: usize = 12;

pub enum Few<K, V> {
    List(Vec<(K, V)>),
    Map(HashMap<K, V>),
}

impl<K, V> Default for Few<K, V> {
    fn default() -> Self {
        Few::List(Vec::new())
    }
}

impl<K: Eq + Hash, V> Few<K, V> {
    /// Sets the entries of another, too.
    pub fn join(&mut self, other: Few<K, V>) {
        for (key, value) in other.into_entries() {
            self.insert(key, value);
        }
    }

    /// Sets the value of a key; what it was.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self {
            Few::List(list) => {
                if let Some(entry) = list.iter_mut().find(|entry| entry.0 == key) {
                    return Some(std::mem::replace(&mut entry.1, value));
                }
                if list.len() < LISTED {
                    list.push((key, value));
                    return None;
                }
                let mut map: HashMap<K, V> = std::mem::take(list).into_iter().collect();
                map.insert(key, value);
                *self = Few::Map(map);
                None
            }
            Few::Map(map) => map.insert(key, value),
        }
    }

    pub fn get(&self, key: &K) -> Option<&V> {
        match self {
            Few::List(list) => list.iter().find(|entry| entry.0 == *key).map(|entry| &entry.1),
            Few::Map(map) => map.get(key),
        }
    }

    pub fn remove(&mut self, key: &K) -> Option<V> {
        match self {
            Few::List(list) => {
                let at = list.iter().position(|entry| entry.0 == *key)?;
                Some(list.remove(at).1)
            }
            Few::Map(map) => map.remove(key),
        }
    }

    pub fn len(&self) -> usize {
        match self {
            Few::List(list) => list.len(),
            Few::Map(map) => map.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn values(&self) -> impl Iterator<Item = &V> {
        let (list, map) = match self {
            Few::List(list) => (Some(list), None),
            Few::Map(map) => (None, Some(map)),
        };
        list.into_iter().flatten().map(|entry| &entry.1).chain(map.into_iter().flat_map(HashMap::values))
    }

    /// Every key with its value.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        let (list, map) = match self {
            Few::List(list) => (Some(list), None),
            Few::Map(map) => (None, Some(map)),
        };
        list.into_iter().flatten().map(|entry| (&entry.0, &entry.1)).chain(map.into_iter().flat_map(HashMap::iter))
    }

    /// Bytes of memory outside the value itself.
    pub fn memory(&self) -> usize {
        match self {
            Few::List(list) => list.capacity() * std::mem::size_of::<(K, V)>(),
            Few::Map(map) => map.capacity() * (1 + std::mem::size_of::<(K, V)>()),
        }
    }

    /// Every entry.
    pub fn into_entries(self) -> Vec<(K, V)> {
        match self {
            Few::List(list) => list,
            Few::Map(map) => map.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_entries_are_found_like_few() {
        let mut few = Few::default();
        for n in 0..100 {
            assert_eq!(few.insert(n, -1), None);
            assert_eq!(few.insert(n, n * 2), Some(-1));
            assert_eq!(few.get(&(n / 2)), Some(&(n / 2 * 2)));
        }
        assert_eq!(few.len(), 100);
        assert_eq!(few.values().sum::<i32>(), 9900);
        for n in (0..100).rev() {
            assert_eq!(few.remove(&n), Some(n * 2));
            assert_eq!(few.remove(&n), None);
        }
        assert!(few.is_empty());
    }
}
