using GpuScheduler.Kubernetes;

namespace GpuScheduler.Cluster.Reflection;

/// <summary>Holds one page of a list until it is known to be whole: what is handed over of a page is never taken back.</summary>
internal sealed class PageBuffer<T> : IListSink<T>
{
    public List<T> Values { get; } = [];

    public List<BadObject> Bad { get; } = [];

    public void Add(T value) => Values.Add(value);

    void IListSink<T>.Bad(BadObject bad) => Bad.Add(bad);

    public void Restart()
    {
        Values.Clear();
        Bad.Clear();
    }
}
